"""The table ``engine_personal_data``: which tables of plugins hold data about people, whatever became of them.

Written with the plugin's row, and there as long as its tables are; ``personaldata`` works with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import String, UniqueConstraint, delete, insert, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Model, db
from portal.pluginengine.manifest.values import PersonalDataDeclaration


class PersonalDataRow(Model):
    """One line of a plugin's ``personal_data``: a table, and the column that says about whom its rows are.

    Found by handle, with no reference to ``plugins``: the tables outlive that row, and so does this.
    """

    __tablename__ = "engine_personal_data"
    __table_args__ = (UniqueConstraint("handle", "table_name", "user_column"),)

    personal_data_id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(String(32))
    table_name: Mapped[str] = mapped_column(String(63))
    user_column: Mapped[str] = mapped_column(String(63))


Declarations = Iterable[PersonalDataDeclaration] | None


def write_declarations(handle: str, declarations: Declarations) -> bool:
    """Let the record say what the plugin declares now, in the running transaction; tell whether it changed.

    None, for an author who says nothing, leaves what an earlier version declared: its tables may be there.
    """
    if declarations is None:
        return False
    wanted = {(each.table, each.user_column) for each in declarations}
    standing = recorded(handle)
    if wanted == standing:
        return False
    for table, column in standing - wanted:
        db.session.execute(
            delete(PersonalDataRow).where(
                PersonalDataRow.handle == handle,
                PersonalDataRow.table_name == table,
                PersonalDataRow.user_column == column,
            )
        )
    for table, column in sorted(wanted - standing):
        row = {"handle": handle, "table_name": table, "user_column": column}
        db.session.execute(insert(PersonalDataRow).values(row))
    return True


def all_recorded(connection: Connection) -> dict[str, set[tuple[str, str]]]:
    """Return what is recorded of all plugins, by handle. One SELECT."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in connection.execute(select(PersonalDataRow.__table__)):
        found.setdefault(row.handle, set()).add((row.table_name, row.user_column))
    return found


def recorded(handle: str) -> set[tuple[str, str]]:
    """Return the recorded tables of a plugin, each with its column."""
    query = select(PersonalDataRow.table_name, PersonalDataRow.user_column)
    rows = db.session.execute(query.where(PersonalDataRow.handle == handle))
    return {(row.table_name, row.user_column) for row in rows}


def forget_declarations(handle: str) -> None:
    """Drop what is recorded of a plugin whose tables are gone, in the running transaction."""
    db.session.execute(delete(PersonalDataRow).where(PersonalDataRow.handle == handle))


def forget_absent(handle: str) -> None:
    """Drop what is recorded of tables that are not there: a plugin goes, and has left none of them."""
    standing = {table for table, _column in recorded(handle)}
    if not standing:
        return
    there = set(inspect(db.session.connection()).get_table_names())
    gone = sorted(standing - there)
    db.session.execute(
        delete(PersonalDataRow).where(
            PersonalDataRow.handle == handle, PersonalDataRow.table_name.in_(gone)
        )
    )
