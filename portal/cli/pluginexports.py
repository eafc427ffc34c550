"""`portal plugin export`, and the export that `uninstall --purge` and `purge` write before they delete."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.cli.newfiles import new_file
from portal.core.errors import PortalError
from portal.pluginengine.errors import Refused
from portal.pluginengine.export import export_plugin

EXPORT_FIRST = click.option(
    "--export",
    "export_to",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write an export of all that it holds first.",
)


@click.command("export")
@click.argument("code")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def export(code: str, file: Path) -> None:
    """Write all that the plugin CODE holds into the zip FILE, also when its code is gone."""
    write_export(code, file)


def write_export(code: str, path: Path) -> None:
    """Write the export of a plugin to a new file that only its owner may read, and say what is in it.

    Raises ``PortalError`` when there is a file already, when it cannot be written, and when it is refused;
    then no file is left behind.
    """
    with new_file(path) as file:
        try:
            exported = export_plugin(code, file)
        except Refused as error:
            raise PortalError(error.cause, error.remedy) from error
    rows = sum(exported.tables.values())
    click.echo(
        f"Exported {len(exported.tables)} tables with {rows} rows and {exported.files} files"
        f" with {exported.file_bytes} bytes to {path}."
    )
