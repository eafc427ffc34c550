"""Bringing what a plugin has in the database up to the schema version that it declares (3.3.4, M-09 to M-13).

Everything happens in the operation's transaction: what is missing is added, then the plugin's upgrade
functions do the rest. What raises leaves tables and rows as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask_babel import gettext as _
from sqlalchemy import inspect
from sqlalchemy.engine import Connection, Inspector
from sqlalchemy.orm import Session

from portal.pluginengine.errors import Refused
from portal.pluginengine.manifest import Manifest, UpgradeFunction
from portal.pluginengine.objecttypes.metadata import read_versions
from portal.pluginengine.objecttypes.newer import refuse_newer
from portal.pluginengine.objecttypes.synchronising import (
    add_what_is_missing,
    create_missing,
    differences,
)
from portal.pluginengine.objecttypes.tables import new_metadata
from portal.pluginengine.objecttypes.values import PluginTypes
from portal.pluginengine.versions import parse_schema_version

#: Finds the code of an upgrade function.
Finder = Callable[[UpgradeFunction], Callable[["SchemaUpgrade"], object]]


@dataclass(frozen=True, kw_only=True)
class SchemaUpgrade:
    """What an upgrade function is given: ``def split_names(upgrade): ...``.

    ``session`` is the operation's own (never commit); ``op`` are Alembic's operations in the same
    transaction, ``op.drop_column(...)`` and ``op.batch_alter_table(...)`` among them; ``types`` the
    plugin's mapped classes by type. ``from_version`` is the schema version on record, None on the first
    installation; ``to_version`` the declared one.
    """

    session: Session
    op: Operations
    types: Mapping[str, type[Any]]
    from_version: Decimal | None
    to_version: Decimal

    @property
    def connection(self) -> Connection:
        """The connection of the operation's transaction."""
        return self.session.connection()

    @property
    def inspector(self) -> Inspector:
        """A fresh look at what is in the database."""
        return inspect(self.connection)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """The plugin whose data are brought up to date, as far as that needs to know it."""

    handle: str
    manifest: Manifest
    types: PluginTypes
    find: Finder


def recorded_version(session: Session, handle: str, on_record: str | None) -> str | None:
    """Return the schema version of what is in the database: of the plugin's row, else of its meta-data.

    ``on_record`` is what ``plugins.schema_version`` says; the table is read only when that says nothing.
    """
    if on_record is not None:
        return on_record
    return read_versions(session.connection(), handle).get("schema_version")


def bring_up(session: Session, holder: Holder, on_record: str | None) -> None:
    """Bring tables and rows of a plugin up to its declaration.

    Nothing happens when the schema version on record is the declared one, beyond making tables that are
    gone. Raises ``Refused`` when the record is ahead of the declaration, or when a difference is left that
    nobody settles; whatever a function raises goes through.
    """
    manifest, connection = holder.manifest, session.connection()
    tables = holder.types.tables
    if not tables and manifest.schema_version is None:
        return
    recorded = _of_what_is_there(
        connection, holder, recorded_version(session, holder.handle, on_record)
    )
    versions = read_versions(connection, holder.handle)
    refuse_newer(recorded, manifest.schema_version, versions.get("version"))
    if _is_current(recorded, manifest.schema_version):
        create_missing(connection, tables)
    else:
        add_what_is_missing(connection, tables)
        _run_functions(session, holder, recorded)
        _refuse_differences(connection, holder)


def _of_what_is_there(connection: Connection, holder: Holder, recorded: str | None) -> str | None:
    """Return the recorded version, or None when no table is left: the plugin has dropped its own."""
    names = {each.name for each in holder.types.tables}
    if names and not names & set(inspect(connection).get_table_names()):
        return None
    return recorded


def _is_current(recorded: str | None, declared: str | None) -> bool:
    if recorded is None or declared is None:
        return False
    return parse_schema_version(recorded) == parse_schema_version(declared)


def _run_functions(session: Session, holder: Holder, recorded: str | None) -> None:
    """Run the functions that this step needs, by priority and name (3.3.4)."""
    wanted = sorted(
        (each for each in holder.manifest.upgrade_functions if _is_due(each, recorded)),
        key=lambda each: (each.priority, each.name),
    )
    if not wanted or holder.manifest.schema_version is None:
        return
    context = MigrationContext.configure(
        session.connection(), opts={"target_metadata": new_metadata()}
    )
    upgrade = SchemaUpgrade(
        session=session,
        op=Operations(context),
        types={name: each.model for name, each in holder.types.own.items()},
        from_version=None if recorded is None else parse_schema_version(recorded),
        to_version=parse_schema_version(holder.manifest.schema_version),
    )
    for each in wanted:
        with _named(each.name):
            holder.find(each)(upgrade)
            session.flush()


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Say which function it was that raised."""
    try:
        yield
    except Exception as error:
        error.add_note(_("In the upgrade function %(name)s.", name=name))
        raise


def _is_due(function: UpgradeFunction, recorded: str | None) -> bool:
    """Without a limit: on the first installation only; with one: when the record is below it."""
    if recorded is None or function.version_limit is None:
        return recorded is None and function.version_limit is None
    return parse_schema_version(recorded) < parse_schema_version(function.version_limit)


def _refuse_differences(connection: Connection, holder: Holder) -> None:
    left = differences(connection, holder.types.tables)
    if left:
        raise Refused(
            _(
                "The tables of %(plugin)s differ from what it declares: %(differences)s.",
                plugin=holder.handle,
                differences="; ".join(left),
            ),
            _("Its author settles this with a function under upgrade_functions."),
        )
