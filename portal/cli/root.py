"""The command group `portal`: settings first, the app only for commands that ask for it."""

from __future__ import annotations

import getpass
import logging
import os
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo

from portal.app import create_app
from portal.cli.database import database
from portal.cli.demo import demo
from portal.cli.doctor import doctor
from portal.cli.groups import group
from portal.cli.hooks import hooks
from portal.cli.plugincheck import check
from portal.cli.pluginexports import export
from portal.cli.plugininstalls import install, purge, revert, uninstall, update, verify
from portal.cli.pluginorder import order
from portal.cli.plugins import plugin
from portal.cli.run import run
from portal.cli.upgrade import upgrade
from portal.cli.users import user
from portal.cli.worker import worker
from portal.config import Settings
from portal.core.audit.origins import Origin, audit_context
from portal.core.errors import PortalError
from portal.core.logs import configure_logging
from portal.jobs.registry import jobs_of


class PortalGroup(click.Group):
    """A group that prints a refusal as one sentence and exits with 1, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; raises ClickException for what services refuse."""
        try:
            with audit_context(_command_line):
                return super().invoke(ctx)
        except PortalError as error:
            raise click.ClickException(str(error)) from error


def _command_line() -> Origin:
    """Say that a command acts, and as which user of the machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        user = str(os.getuid())
    return Origin(address=f"command line ({user})")


@click.group(cls=PortalGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Portal's command line. Settings: the environment and var/portal.cfg; see `doctor`."""
    settings = Settings.load()
    configure_logging(settings.log_level, as_json=False)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # `db` says itself what it did

    def build() -> Flask:
        app = create_app(settings)
        context.call_on_close(jobs_of(app).queue.close)
        return app

    # Commands under `with_appcontext` build the app from this; the others never pay for it.
    context.obj = ScriptInfo(create_app=build, set_debug_flag=False)


for command in (check, order, install, update, revert, uninstall, purge, verify, export):
    plugin.add_command(command)
for command in (run, worker, database, upgrade, demo, doctor, user, group, plugin, hooks):
    main.add_command(command)
