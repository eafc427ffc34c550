"""`portal upgrade`: the core's tables, then every plugin whose code has moved on (design 4, design 10)."""

from __future__ import annotations

import sys

import click
from flask.cli import ScriptInfo

from portal.app import current_state
from portal.cli.database import migration_context, upgrade_core
from portal.config import Settings, current_settings
from portal.pluginengine import lifecycle
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.loader import Problem


@click.command("upgrade")
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Bring the database up to this Portal, and plugins' data up to the code that lies on disk.

    A plugin that cannot be upgraded stays held; the others are upgraded, and the command exits with 1.
    """
    with migration_context(Settings.load()):
        upgrade_core("head")
    app = context.ensure_object(ScriptInfo).load_app()
    with app.app_context():
        held = _held()
        refused = [handle for handle, problem in held.items() if not _upgraded(handle, problem)]
    if not held:
        click.echo("Every plugin is up to date.")
    if refused:
        sys.exit(1)


def _held() -> dict[str, Problem]:
    problems = current_engine().problems
    return {handle: each for handle, each in problems.items() if each.kind in ("update", "schema")}


def _upgraded(handle: str, problem: Problem) -> bool:
    """Upgrade one plugin, in an app of the generation of now; tell whether that went well."""
    verb = lifecycle.update if problem.kind == "update" else lifecycle.bring_up
    app = current_engine().runtime.build(current_state(current_settings()))
    try:
        with app.app_context():
            outcome = verb(handle)
    except Refused as refusal:
        click.echo(f"{handle} was not upgraded: {refusal}", err=True)
        return False
    click.echo(outcome.message)
    for warning in outcome.warnings:
        click.echo(f"Warning: {warning}", err=True)
    return True
