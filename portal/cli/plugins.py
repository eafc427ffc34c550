"""`portal plugin ...`: what the site admin's pages do with plugins, from the shell."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import click
from flask.cli import with_appcontext

from portal.core.errors import PortalError
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import lifecycle
from portal.pluginengine.errors import Refused
from portal.pluginengine.holders import leftovers
from portal.pluginengine.lifecycle import Outcome
from portal.pluginengine.overview import PluginStatus, plugin_overview

DRY_RUN = click.option("--dry-run", is_flag=True, help="Try everything, keep nothing.")


@click.group("plugin")
def plugin() -> None:
    """List the site's plugins and change their state."""
    logging.getLogger(lifecycle.__name__).setLevel(
        logging.WARNING
    )  # the commands print what it did


@plugin.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_appcontext
def list_plugins(as_json: bool) -> None:
    """List every plugin that is known or lies on disk, with its state and what is wrong with it."""
    with unit_of_work("read"):
        statuses, left = plugin_overview(), leftovers()
    if as_json:
        click.echo(
            json.dumps([_as_values(each) for each in statuses], indent=2, ensure_ascii=False)
        )
    elif statuses:
        _print_table(statuses)
    else:
        click.echo("There is no plugin. Put a folder with a config.yml into plugins/.")
    for each in left if not as_json else ():
        held = each.belongings
        click.echo(
            f"Left behind by {each.handle}, which is not registered: {len(held.tables)} tables with"
            f" {held.rows} rows, {held.files} files. See portal plugin purge {each.handle}."
        )


@plugin.command("register")
@click.argument("code")
@DRY_RUN
@with_appcontext
def register(code: str, dry_run: bool) -> None:
    """Register the plugin CODE that lies on disk; it stays disabled."""
    carry_out(lambda: lifecycle.register(code, dry_run=dry_run))


@plugin.command("enable")
@click.argument("code")
@DRY_RUN
@with_appcontext
def enable(code: str, dry_run: bool) -> None:
    """Enable the plugin CODE on the site, installing it when that has not happened."""
    carry_out(lambda: lifecycle.enable(code, dry_run=dry_run))


@plugin.command("disable")
@click.argument("code")
@DRY_RUN
@with_appcontext
def disable(code: str, dry_run: bool) -> None:
    """Disable the plugin CODE on the site; every choice and all its data are kept."""
    carry_out(lambda: lifecycle.disable(code, dry_run=dry_run))


@plugin.command("retry")
@click.argument("code")
@DRY_RUN
@with_appcontext
def retry(code: str, dry_run: bool) -> None:
    """Let the quarantined plugin CODE run again; its failures up to now do not count any more."""
    carry_out(lambda: lifecycle.retry(code, dry_run=dry_run))


@plugin.command("unregister")
@click.argument("code")
@click.option(
    "--disable", "disable_first", is_flag=True, help="Disable it first when it is enabled."
)
@DRY_RUN
@with_appcontext
def unregister(code: str, disable_first: bool, dry_run: bool) -> None:
    """Remove the plugin CODE and every row that refers to it; its own tables stay."""
    carry_out(lambda: lifecycle.unregister(code, disable_first=disable_first, dry_run=dry_run))


def carry_out(operation: Callable[[], Outcome]) -> None:
    """Run an operation and print what it did and warns of; raises PortalError when it was refused."""
    try:
        outcome = operation()
    except Refused as refusal:
        raise PortalError(refusal.cause, refusal.remedy) from refusal
    click.echo(outcome.message)
    for warning in outcome.warnings:
        click.echo(f"Warning: {warning}", err=True)


def _as_values(status: PluginStatus) -> dict[str, object]:
    return {
        "code": status.code,
        "handle": status.handle,
        "name": status.name,
        "version": status.version,
        "version_on_disk": status.version_on_disk,
        "state": status.state,
        "source": status.source,
        "missing": status.missing,
        "dependents": status.dependents,
        "cause": status.cause,
        "faults": [str(fault) for fault in status.faults],
    }


def _print_table(statuses: list[PluginStatus]) -> None:
    rows = [
        ("CODE", "VERSION", "STATE", "SOURCE", "NAME"),
        *((s.code, s.version, s.state, s.source or "-", s.name) for s in statuses),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    notes: list[list[str]] = [[], *(_troubles(status) for status in statuses)]
    for row, troubles in zip(rows, notes, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[4]]).rstrip())
        for trouble in troubles:
            click.echo(f"    {trouble}")


def _troubles(status: PluginStatus) -> list[str]:
    """Return every fault of the plugin's files, or else what else is wrong with it."""
    troubles = [str(fault) for fault in status.faults] or ([status.cause] if status.cause else [])
    if status.missing:
        troubles.append(f"It needs what is not there: {'; '.join(status.missing)}")
    if status.dependents and status.state not in ("enabled", "installed"):
        troubles.append(f"Other plugins need it: {', '.join(status.dependents)}")
    return troubles
