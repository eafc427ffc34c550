"""`portal db ...`: Flask-Migrate's commands on an app that knows the tables and no plugin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app, g
from flask_migrate import Migrate
from flask_migrate import cli as migrate_commands
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from portal.cli.pluginkeys import attach_plugins, detach_plugins, plugins_detached
from portal.config import ROOT, Settings
from portal.core.database import db
from portal.core.errors import PortalError

MIGRATIONS = ROOT / "migrations"
COMMANDS = ("downgrade", "current", "heads", "history", "show", "check", "migrate")


def migration_app(settings: Settings) -> Flask:
    """Return a Flask app that can migrate: the site's own may not be buildable before it has."""
    app = Flask("portal")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS))
    return app


@contextmanager
def migration_context(settings: Settings) -> Iterator[None]:
    """Enter an app that can migrate, as Flask-Migrate's commands find it."""
    if settings.database_url.startswith("sqlite"):
        settings.var.mkdir(parents=True, exist_ok=True)
    with migration_app(settings).app_context():
        g.directory, g.x_arg = None, ()
        yield


@click.group("db")
@click.pass_context
def database(context: click.Context) -> None:
    """Migrate the core tables: `portal db upgrade` brings the database up to date."""
    context.with_resource(migration_context(Settings.load()))


for name in COMMANDS:
    database.add_command(migrate_commands.db.commands[name])
for command in (detach_plugins, attach_plugins):
    database.add_command(command)


@database.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Run the migrations that have not run yet, up to REVISION; all or nothing.

    The foreign keys of plugins are detached meanwhile, and all of them put back.
    """
    upgrade_core(revision)


def upgrade_core(revision: str) -> None:
    """Bring the core's tables to a revision and print what that did; inside ``migration_context``."""
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    before = current_revision(url)
    is_newest = revision == "head" and before == newest_revision()
    with plugins_detached(is_needed=before is not None and not is_newest):
        flask_migrate.upgrade(revision=revision)
    after = current_revision(url)
    click.echo(
        f"The database is at revision {after}, as it was."
        if after == before
        else f"The database has moved from revision {before or 'none'} to {after}."
    )


def newest_revision() -> str | None:
    """Return the revision that the code wants, or None while there is no migration."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def current_revision(url: str) -> str | None:
    """Return the revision of the database; None for an empty one. Raises what connecting raises."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_newest_revision(settings: Settings) -> None:
    """Raise PortalError when the database is not at the code's revision."""
    current, newest = current_revision(settings.database_url), newest_revision()
    if current != newest:
        raise PortalError(
            f"The database is at revision {current or 'none'}, this Portal needs {newest}.",
            "Run `portal db upgrade`.",
        )
