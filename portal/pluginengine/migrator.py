"""Running a plugin's own Alembic history inside the host's transaction, with a version table of its own.

Works without an env.py, on both databases, and rolls back with the operation (engineering B4).
"""

from __future__ import annotations

from collections.abc import Sequence
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

_operations = Lock()  # alembic.op is one name per process


def version_table(handle: str) -> str:
    """Return the name of the table that records which of the plugin's revisions have run."""
    return naming.table(handle, "migrations")


def upgrade(connection: Connection, handle: str, folder: Path, paths: Sequence[str]) -> list[str]:
    """Run the revisions that have not run yet, and return the names of the tables this made.

    Raises ``Refused`` when a revision makes something that does not carry the plugin's prefix, or when
    the history has several heads; whatever a revision raises goes through.
    """
    places = [folder / path for path in paths if (folder / path).is_dir()]
    if not places:
        return []
    before = _objects(connection)
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
    with _operations, Operations.context(context):
        context.run_migrations()
    made = sorted(_objects(connection) - before)
    _judge_names(handle, made)
    return made


def _objects(connection: Connection) -> set[str]:
    inspector = inspect(connection)
    names = {*inspector.get_table_names(), *inspector.get_view_names()}
    for table in inspector.get_table_names():
        names.update(str(index["name"]) for index in inspector.get_indexes(table))
    return names


def _judge_names(handle: str, made: Sequence[str]) -> None:
    prefix = naming.prefix(handle)
    foreign = [name for name in made if not name.startswith(prefix)]
    if foreign:
        raise Refused(
            _(
                "The migrations of %(plugin)s made %(names)s.",
                plugin=handle,
                names=", ".join(foreign),
            ),
            _(
                "Everything that a plugin makes in the database must begin with %(prefix)s.",
                prefix=prefix,
            ),
        )
