"""How much room tables take, where the database tells: PostgreSQL does, SQLite when it was built to."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, text

from portal.core.database import db


def sizes_of(tables: Collection[str]) -> Mapping[str, int]:
    """Return the bytes of each of these tables, on PostgreSQL with its indexes; empty when nobody can say."""
    if not tables:
        return {}
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        query = (
            "SELECT relname::text, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relnamespace = current_schema()::regnamespace AND relname IN :names"
        )
    elif _tells(connection.execute(text("PRAGMA compile_options")).scalars().all()):
        query = "SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE AND name IN :names"
    else:
        return {}
    wanted = text(query).bindparams(bindparam("names", expanding=True))
    return {name: int(size) for name, size in connection.execute(wanted, {"names": sorted(tables)})}


def _tells(options: Collection[str]) -> bool:
    return "ENABLE_DBSTAT_VTAB" in options
