"""`portal db detach-plugins`, `attach-plugins`: plugins' keys around a change of the core (seed 004)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from portal.core.errors import PortalError
from portal.pluginengine import detaching

LOCK_TIMEOUT = "10s"
ON_SQLITE = (
    "SQLite cannot drop a foreign key. `portal db upgrade` switches their enforcement off for its own "
    "connection and checks every reference before it commits; there is nothing to detach."
)


@click.command("detach-plugins")
def detach_plugins() -> None:
    """Drop the foreign keys of all plugins towards the core, and note them for attach-plugins."""
    with _transaction() as connection:
        if not detaching.can_detach(connection):
            click.echo(ON_SQLITE)
            return
        keys = detaching.detach(connection)
        waiting = len(detaching.detached_keys(connection))
    for key in keys:
        click.echo(f"detached {key}")
    click.echo(f"{len(keys)} foreign keys detached, {waiting} wait for `portal db attach-plugins`.")


@click.command("attach-plugins")
def attach_plugins() -> None:
    """Put the foreign keys of all plugins back, and check that all of them are in force."""
    with _transaction() as connection:
        if not detaching.can_detach(connection):
            _check_sqlite(connection)
            return
        attached = detaching.attach(connection)
    _tell(attached)


@contextmanager
def plugins_detached(*, is_needed: bool) -> Iterator[None]:
    """Detach plugins' foreign keys around the block, on PostgreSQL; they come back when it fails, too.

    When it is not needed, those come back that a process left detached which died.
    """
    with _transaction() as connection:
        can_detach = detaching.can_detach(connection)
        if can_detach and is_needed:
            detaching.detach(connection)
    try:
        yield
    finally:
        if can_detach:
            with _transaction() as connection:
                attached = detaching.attach(connection)
            _tell(attached, briefly=True)


def _tell(attached: detaching.Attached, *, briefly: bool = False) -> None:
    """Print what came back; raises PortalError when something did not."""
    if not briefly:
        for key in attached.keys:
            click.echo(f"attached {key}")
    if attached.keys or not briefly:
        click.echo(f"{len(attached.keys)} foreign keys of plugins are back.")
    if attached.left:
        listed = "\n".join(f"  {key}: {cause}" for key, cause in attached.left)
        raise PortalError(
            f"{len(attached.left)} foreign keys of plugins could not be put back:\n{listed}\n",
            "Mend those rows, then run `portal db attach-plugins`.",
        )


def _check_sqlite(connection: Connection) -> None:
    broken = detaching.broken_references(connection)
    if broken:
        raise PortalError(
            f"Rows refer to nothing, in: {', '.join(broken)}.", "Mend them, or restore a backup."
        )
    click.echo(f"{ON_SQLITE} Every reference is in order.")


@contextmanager
def _transaction() -> Iterator[Connection]:
    """Open a transaction of its own; on PostgreSQL it waits ten seconds for locks at most."""
    engine = create_engine(current_app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        yield connection
