"""`portal plugin install`, `update`, `revert`, `uninstall`, `purge` and `verify`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.app import create_app
from portal.cli.pluginexports import EXPORT_FIRST, write_export
from portal.cli.plugins import DRY_RUN, carry_out
from portal.config import Settings, current_settings
from portal.core.database import db
from portal.core.errors import PortalError
from portal.core.unit_of_work import unit_of_work
from portal.jobs.registry import jobs_of
from portal.pluginengine import lifecycle
from portal.pluginengine.archive import ArchiveLimits, ArchiveRefused, read_archive
from portal.pluginengine.belongings import Belongings, belongings_of
from portal.pluginengine.engine import current_engine
from portal.pluginengine.lifecycle import Upload
from portal.pluginengine.naming import default_handle
from portal.pluginengine.rows import find_deleted, find_row
from portal.pluginengine.state import PluginRecord, read_state
from portal.pluginengine.store import Differences, StoreError

_YES = click.option("--yes", is_flag=True, help="Do not ask.")
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")


@click.command("install")
@click.argument("source", metavar="FILE|CODE")
@click.option("--no-enable", is_flag=True, help="Install it and leave it disabled.")
@DRY_RUN
@with_appcontext
def install(source: str, no_enable: bool, dry_run: bool) -> None:
    """Install a plugin from an archive, or from its folder by code, and enable it."""
    given = source_of(source)
    carry_out(lambda: lifecycle.install(given, enable=not no_enable, dry_run=dry_run))


@click.command("update")
@click.argument("source", metavar="FILE|CODE")
@click.option("--allow-older", is_flag=True, help="Also to the same or an older version.")
@DRY_RUN
@with_appcontext
def update(source: str, allow_older: bool, dry_run: bool) -> None:
    """Update a plugin from an archive, or to the version that lies in its folder."""
    given = source_of(source)
    carry_out(lambda: lifecycle.update(given, allow_older=allow_older, dry_run=dry_run))


@click.command("revert")
@click.argument("code")
@DRY_RUN
@with_appcontext
def revert(code: str, dry_run: bool) -> None:
    """Put back the version of the plugin CODE that its last update replaced."""
    carry_out(lambda: lifecycle.revert(code, dry_run=dry_run))


@click.command("uninstall")
@click.argument("code")
@click.option("--purge", is_flag=True, help="Remove its tables, files and choices, too.")
@click.option("--force", is_flag=True, help="Leave the plugin's own callbacks out.")
@EXPORT_FIRST
@_YES
@DRY_RUN
@with_appcontext
def uninstall(
    code: str, purge: bool, force: bool, export_to: Path | None, yes: bool, dry_run: bool
) -> None:
    """Take the plugin CODE off the site; what it holds is kept unless --purge is given."""
    if not dry_run:
        confirm(code, "Uninstall and purge" if purge else "Uninstall", yes=yes)
        if export_to is not None:
            write_export(code, export_to)
    carry_out(lambda: lifecycle.uninstall(code, purge=purge, force=force, dry_run=dry_run))


@click.command("purge")
@click.argument("code")
@EXPORT_FIRST
@_YES
@DRY_RUN
@with_appcontext
def purge(code: str, export_to: Path | None, yes: bool, dry_run: bool) -> None:
    """Remove everything that the uninstalled plugin CODE has left, also when its code is gone."""
    if not dry_run:
        confirm(code, "Purge", yes=yes)
        if export_to is not None:
            write_export(code, export_to)
    carry_out(lambda: lifecycle.purge(code, dry_run=dry_run))


@click.command("verify")
@click.argument("code", required=False)
@click.option("--restore", is_flag=True, help="Make what differs equal to the archive again.")
def verify(code: str | None, restore: bool) -> None:
    """Compare the unpacked archives on this host with what was uploaded; exit with 1 when one differs."""
    # In an app without plugins: one with them would have restored what differs before anybody looked.
    app = create_app(replace(Settings.load(), safe_mode=True))
    try:
        with app.app_context(), unit_of_work("read"):
            faulty = _verify(code, restore=restore)
    finally:
        jobs_of(app).queue.close()
    if faulty:
        sys.exit(1)


def _verify(code: str | None, *, restore: bool) -> int:
    """Print how each archive's folder differs; return how many go on differing."""
    store = current_engine().runtime.store
    records = [each for each in read_state(db.session).plugins if each.archive is not None]
    if code is not None:
        records = [_chosen(records, code)]
    if not records:
        click.echo("No plugin was installed from an archive.")
    faulty = 0
    for record in records:
        try:
            look = store.restore if restore else store.verify
            found = look(str(record.archive), db.session)
        except (StoreError, OSError) as error:
            click.echo(f"{record.code}: {error}")
            faulty += 1
        else:
            faulty += bool(found) and not restore
            _print_differences(record.code, found, restored=restore)
    return faulty


def source_of(source: str) -> Upload | str:
    """Return an archive, read and judged, when the argument names a file, else the code that it is.

    Raises ``PortalError`` with every fault of the archive.
    """
    path = Path(source)
    if not path.is_file():
        if source.endswith(_ARCHIVES) or "/" in source:
            raise PortalError(f"There is no file {source}.", "Name an archive, or a plugin's code.")
        return source
    try:
        limits = ArchiveLimits.of(current_settings())
        return Upload(archive=read_archive(path.read_bytes(), limits=limits))
    except ArchiveRefused as refusal:
        faults = "\n".join(f"  {fault}" for fault in refusal.faults)
        raise PortalError(f"{source} is refused:\n{faults}") from refusal
    except OSError as error:
        raise PortalError(f"{source} cannot be read: {error.strerror}.") from error


def confirm(code: str, what: str, *, yes: bool) -> None:
    """Print what a plugin holds and, on a terminal, ask; Abort ends the command."""
    with unit_of_work("read"):
        row = find_row(code) or find_deleted(code, code.lower())
        handle = row.plugin_name if row is not None else default_handle(code)
        held = belongings_of(handle) if handle is not None else Belongings()
    for name, rows in held.tables:
        click.echo(f"  table {name}: {rows} rows")
    for name in held.views:
        click.echo(f"  view {name}")
    for title, count in held.holdings:
        click.echo(f"  {title}: {count}")
    click.echo(
        f"{code} holds {len(held.tables)} tables with {held.rows} rows,"
        f" {held.files} files with {held.file_bytes} bytes."
    )
    if not yes and sys.stdin.isatty():
        click.confirm(f"{what} {code}?", abort=True)


def _chosen(records: list[PluginRecord], code: str) -> PluginRecord:
    wanted = code.lower()
    for record in records:
        if wanted in (record.code.lower(), record.handle):
            return record
    raise PortalError(
        f"No plugin {code} was installed from an archive.",
        "See portal plugin list for what is there.",
    )


def _print_differences(code: str, found: Differences, *, restored: bool) -> None:
    if not found:
        click.echo(f"{code}: as uploaded")
        return
    absent = " (not unpacked on this host)" if found.is_absent else ""
    click.echo(f"{code}: {'restored' if restored else 'differs'}{absent}")
    for word in ("modified", "missing", "extra"):
        for path in getattr(found, word):
            click.echo(f"  {word}: {path}")
