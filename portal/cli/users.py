"""`portal user ...`: accounts from the shell, by the services that the pages call.

Passwords are asked for, or read from standard input; never taken as an argument, which every user of
the machine could see.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryFile

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal.access.sitegrants import make_site_admin, unmake_site_admin
from portal.accounts.exporting import export_person
from portal.accounts.loading import find_user
from portal.accounts.models import ACTIVE, DELETED, PENDING, SUSPENDED, User
from portal.accounts.registration import activate as activate_account
from portal.accounts.services import create_user, set_password, set_status
from portal.cli.newfiles import new_file
from portal.cli.tables import print_table
from portal.core.database import db
from portal.core.errors import PortalError
from portal.core.unit_of_work import unit_of_work

STATUSES = {
    PENDING: "pending",
    ACTIVE: "active",
    SUSPENDED: "suspended",
    DELETED: "deleted",
}

_PASSWORD_STDIN = click.option(
    "--password-stdin",
    "from_stdin",
    is_flag=True,
    help="Read the password from standard input (its first line) instead of asking for it.",
)
_USER_NAME = click.argument("user_name")


@click.group("user")
def user() -> None:
    """Make accounts and change what they may do."""


@user.command("create")
@_USER_NAME
@click.option("--email", required=True, help="E-mail address; it counts as confirmed.")
@click.option("--real-name", default="", help="The name that people read; default: the login name.")
@click.option("--site-admin", is_flag=True, help="Make the account a site admin at once.")
@_PASSWORD_STDIN
@with_appcontext
def create(user_name: str, email: str, real_name: str, site_admin: bool, from_stdin: bool) -> None:
    """Make the active account USER_NAME."""
    password = _password(from_stdin)
    with unit_of_work():
        made = create_user(user_name, real_name or user_name, email, password, status=ACTIVE)
        if site_admin:
            make_site_admin(made)
    what = f"Made the account {user_name}"
    click.echo(f"{what}, a site admin." if site_admin else f"{what}.")


@user.command("promote")
@_USER_NAME
@with_appcontext
def promote(user_name: str) -> None:
    """Make USER_NAME a site admin."""
    with unit_of_work():
        is_changed = make_site_admin(_person(user_name))
    click.echo(f"{user_name} is {'now' if is_changed else 'already'} a site admin.")


@user.command("demote")
@_USER_NAME
@with_appcontext
def demote(user_name: str) -> None:
    """Take site administration from USER_NAME; the last site admin stays."""
    with unit_of_work():
        is_changed = unmake_site_admin(_person(user_name))
    click.echo(f"{user_name} is {'no longer a' if is_changed else 'not a'} site admin.")


@user.command("suspend")
@_USER_NAME
@with_appcontext
def suspend(user_name: str) -> None:
    """Suspend USER_NAME: every session ends, and nobody logs in with the account."""
    with unit_of_work():
        set_status(_person(user_name), SUSPENDED)
    click.echo(f"{user_name} is suspended.")


@user.command("activate")
@_USER_NAME
@with_appcontext
def activate(user_name: str) -> None:
    """Make USER_NAME active: one that is pending or suspended."""
    with unit_of_work():
        activate_account(_person(user_name))
    click.echo(f"{user_name} is active.")


@user.command("password")
@_USER_NAME
@_PASSWORD_STDIN
@with_appcontext
def password(user_name: str, from_stdin: bool) -> None:
    """Give USER_NAME a new password; every session of theirs ends."""
    with unit_of_work("read"):
        _person(user_name)
    new = _password(from_stdin)
    with unit_of_work():
        set_password(_person(user_name), new)
    click.echo(f"{user_name} has a new password.")


@user.command("list")
@click.option("--status", type=click.Choice(list(STATUSES.values())), help="Only accounts so.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_appcontext
def list_users(status: str | None, as_json: bool) -> None:
    """List the accounts by login name."""
    wanted = [key for key, name in STATUSES.items() if status in (None, name)]
    with unit_of_work("read"):
        rows = [
            (each.user_name, STATUSES[each.status], each.email, each.real_name)
            for each in db.session.scalars(
                select(User).where(User.status.in_(wanted)).order_by(User.user_name)
            )
        ]
    if as_json:
        names = ("user_name", "status", "email", "real_name")
        values = [dict(zip(names, row, strict=True)) for row in rows]
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
    elif rows:
        print_table(("LOGIN", "STATUS", "E-MAIL", "NAME"), rows)
    else:
        click.echo("There is no such account. `portal user create` makes one.")


@user.command("export")
@_USER_NAME
@click.argument("file", type=click.Path(path_type=Path), required=False)
@with_appcontext
def export(user_name: str, file: Path | None) -> None:
    """Write all that the site knows about USER_NAME, plugins included, as JSON into the new FILE.

    Without FILE to standard output.
    """
    with unit_of_work("read"):
        user_id = _person(user_name).user_id
    if file is None:
        with TemporaryFile() as draft:
            export_person(user_id, draft)
            draft.seek(0)
            shutil.copyfileobj(draft, sys.stdout.buffer)
        return
    with new_file(file) as target:
        export_person(user_id, target)
    click.echo(f"Exported the data of {user_name} to {file}.")


def _password(from_stdin: bool) -> str:
    """Ask for a password twice, or take the first line of standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise PortalError(
            "There is no terminal to ask for the password on.",
            "Pass --password-stdin and write the password to standard input.",
        )
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _person(user_name: str) -> User:
    found = find_user(user_name)
    if found is None:
        raise PortalError(
            f"There is no account named {user_name}.", "`portal user list` shows the accounts."
        )
    return found
