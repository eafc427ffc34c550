"""`portal plugin order`: who answers a hook, in which order, and all changes that the admin's page makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from portal.cli.plugins import carry_out
from portal.cli.tables import print_table
from portal.core.errors import NotFound
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import ordering
from portal.pluginengine.catalogue import UnknownHook
from portal.pluginengine.handlertable import HandlerTable, Line, read_table
from portal.pluginengine.lifecycle import Outcome

Operation = Callable[[], Outcome]
_HANDLER = "PLUGIN:HANDLER"


@click.command("order")
@click.argument("hook")
@click.option("--up", metavar=_HANDLER, help="Let it change places with the one above.")
@click.option("--down", metavar=_HANDLER, help="Let it change places with the one below.")
@click.option(
    "--set",
    "number",
    type=(int, str),
    metavar=f"N {_HANDLER}",
    help="Give it a number of its band.",
)
@click.option("--off", metavar=_HANDLER, help="Leave it out; its number is kept.")
@click.option("--on", metavar=_HANDLER, help="Let it be called again.")
@click.option("--order", "listed", metavar="A,B,...", help="Put all of one type into this order.")
@click.option("--dry-run", is_flag=True, help="Try everything, keep nothing.")
@with_appcontext
def order(hook: str, *, dry_run: bool, **options: str | tuple[int, str] | None) -> None:
    """Print who answers HOOK and in which order, or change it by one of the options."""
    chosen = {name: value for name, value in options.items() if value is not None}
    if len(chosen) > 1:
        raise click.UsageError(
            "Give one of --up, --down, --set, --off, --on and --order at a time."
        )
    table = _read(hook)
    if not chosen:
        _print(table)
        return
    ((name, value),) = chosen.items()
    carry_out(_operation(table, name, value, dry_run))


def _operation(
    table: HandlerTable, name: str, value: str | tuple[int, str], dry_run: bool
) -> Operation:
    if isinstance(value, tuple):
        number, label = value
        key = _line(table, label).handler_id
        return lambda: ordering.set_handler_priority(table.hook, key, number, dry_run=dry_run)
    if name == "listed":
        lines = [_line(table, label.strip()) for label in value.split(",")]
        keys = [line.handler_id for line in lines]
        kind = lines[0].handler_type
        return lambda: ordering.order_handlers(table.hook, kind, keys, dry_run=dry_run)
    key = _line(table, value).handler_id
    operations: dict[str, Operation] = {
        "up": lambda: ordering.move_handler(table.hook, key, "up", dry_run=dry_run),
        "down": lambda: ordering.move_handler(table.hook, key, "down", dry_run=dry_run),
        "on": lambda: ordering.switch_handler(table.hook, key, on=True, dry_run=dry_run),
        "off": lambda: ordering.switch_handler(table.hook, key, on=False, dry_run=dry_run),
    }
    return operations[name]


def _read(hook: str) -> HandlerTable:
    with unit_of_work("read"):
        try:
            return read_table(hook)
        except UnknownHook as unknown:
            raise NotFound(str(unknown), _("See portal hooks list for all of them.")) from unknown


def _line(table: HandlerTable, label: str) -> Line:
    for line in table.lines:
        if line.label.lower() == label.lower():
            return line
    raise NotFound(
        _("The hook %(hook)s has no handler %(handler)s.", hook=table.hook, handler=label),
        _("See portal plugin order %(hook)s for those that it has.", hook=table.hook),
    )


def _print(table: HandlerTable) -> None:
    rows = list(_rows(table))
    if rows:
        print_table(("PRIORITY", "TYPE", "HANDLER", "NOT CALLED BECAUSE"), rows)
    else:
        click.echo(_("Nobody answers %(hook)s.", hook=table.hook))


def _rows(table: HandlerTable) -> Iterator[tuple[str, str, str, str]]:
    for handler in table.host:
        yield "", "", f"portal:{handler.name}", ""
    for line in table.lines:
        kept = _("%(reason)s; its number is %(number)s", reason=line.idle, number=line.stored)
        yield str(line.priority), line.handler_type, line.label, kept if line.idle else ""
    for handler in table.unlisted:
        number = "" if handler.priority is None else str(handler.priority)
        yield number, "", f"{handler.plugin or '?'}:{handler.name}", ""
