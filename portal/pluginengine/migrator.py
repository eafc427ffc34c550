"""Running a plugin's own Alembic history inside the host's transaction, with a version table of its own.

Works without an env.py, on both databases, and rolls back with the operation (engineering B4).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask_babel import gettext as _
from sqlalchemy import MetaData, inspect
from sqlalchemy.engine import Connection

from portal.pluginengine import naming
from portal.pluginengine.declarative import NAMING_CONVENTION
from portal.pluginengine.errors import Refused
from portal.pluginengine.schemarules import kept_to_own_names

_operations = Lock()  # alembic.op is one name per process


def version_table(handle: str) -> str:
    """Return the name of the table that records which of the plugin's revisions have run."""
    return naming.table(handle, "migrations")


def upgrade(connection: Connection, handle: str, folder: Path, paths: Sequence[str]) -> list[str]:
    """Run the revisions that have not run yet, and return the names of the tables this made.

    Raises ``Refused`` when a revision makes, changes or drops something that does not carry the plugin's
    prefix, or refers to what it may not, or when the history has several heads; whatever a revision
    raises goes through.
    """
    places = [folder / path for path in paths if (folder / path).is_dir()]
    if not places:
        return []
    before = _own_tables(connection, handle)
    with _operations, _unwritten(), kept_to_own_names(connection, handle):
        _run(connection, handle, folder, places)
    return sorted(_own_tables(connection, handle) - before)


def _run(connection: Connection, handle: str, folder: Path, places: Sequence[Path]) -> None:
    script = ScriptDirectory(str(folder), version_locations=[str(place) for place in places])
    heads = script.get_heads()
    if len(heads) > 1:
        raise Refused(
            _(
                "The migrations of %(plugin)s have several heads: %(heads)s.",
                plugin=handle,
                heads=", ".join(heads),
            ),
            _("Merge them with alembic merge."),
        )

    def steps(revision: Any, context: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision)  # what alembic's env.py calls

    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": version_table(handle),
            "fn": steps,
            "script": script,
            "target_metadata": MetaData(naming_convention=NAMING_CONVENTION),
        },
    )
    with Operations.context(context):
        context.run_migrations()


@contextmanager
def _unwritten() -> Iterator[None]:
    """Keep Alembic from writing bytecode into the plugin's folder, which is read-only to us."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _own_tables(connection: Connection, handle: str) -> set[str]:
    prefix = naming.prefix(handle)
    return {each for each in inspect(connection).get_table_names() if each.startswith(prefix)}
