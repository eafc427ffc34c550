"""`portal group ...`: groups from the shell, by the services that the pages call."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.cli.tables import print_table
from portal.core.database import db
from portal.core.errors import PortalError
from portal.core.unit_of_work import unit_of_work
from portal.groups.models import ACTIVE, DELETED, HOLD, INCOMPLETE, PENDING, Group
from portal.groups.queries import named_group
from portal.groups.services import GroupInformation, approve_group, create_group
from portal.groups.states import set_status

STATUSES = {
    INCOMPLETE: "incomplete",
    PENDING: "pending",
    ACTIVE: "active",
    HOLD: "held",
    DELETED: "deleted",
}

_NAME = click.argument("name")


@click.group("group")
def group() -> None:
    """Make groups and change their state."""


@group.command("create")
@_NAME
@click.option("--admin", "founder", required=True, help="Login name of its first administrator.")
@click.option("--full-name", required=True, help="The name that people read.")
@click.option("--description", required=True, help="What the group is for, in a sentence or two.")
@click.option("--homepage", default="", help="A full address, as in https://example.org/.")
@click.option("--private", is_flag=True, help="Only members may see the group.")
@click.option("--approve", is_flag=True, help="Open it at once instead of letting it wait.")
@with_appcontext
def create(
    name: str,
    founder: str,
    full_name: str,
    description: str,
    homepage: str,
    private: bool,
    approve: bool,
) -> None:
    """Register the group NAME, which then awaits approval."""
    information = GroupInformation(
        full_name=full_name, description=description, homepage=homepage, is_public=not private
    )
    with unit_of_work():
        made = create_group(_founder(founder), name, information)
        if approve:
            approve_group(made)
    state = f"{founder} administers it" if approve else "it awaits approval"
    click.echo(f"Made the group {name}; {state}.")


@group.command("approve")
@_NAME
@with_appcontext
def approve(name: str) -> None:
    """Open the pending group NAME; whoever registered it becomes its administrator."""
    with unit_of_work():
        approve_group(_group(name))
    click.echo(f"The group {name} is open.")


@group.command("hold")
@_NAME
@with_appcontext
def hold(name: str) -> None:
    """Close the active group NAME for everybody but site admins; everything is kept."""
    with unit_of_work():
        set_status(_group(name), HOLD)
    click.echo(f"The group {name} is held. `portal group activate {name}` opens it again.")


@group.command("activate")
@_NAME
@with_appcontext
def activate(name: str) -> None:
    """Open the group NAME again, which was held or deleted."""
    with unit_of_work():
        set_status(_group(name), ACTIVE)
    click.echo(f"The group {name} is open.")


@group.command("list")
@click.option("--status", type=click.Choice(list(STATUSES.values())), help="Only groups so.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_appcontext
def list_groups(status: str | None, as_json: bool) -> None:
    """List the groups by name."""
    wanted = [key for key, name in STATUSES.items() if status in (None, name)]
    with unit_of_work("read"):
        groups = [
            _as_values(each)
            for each in db.session.scalars(
                select(Group).where(Group.status.in_(wanted)).order_by(Group.name)
            )
        ]
    if as_json:
        click.echo(json.dumps(groups, indent=2, ensure_ascii=False))
    elif groups:
        rows = [[str(value) for value in each.values()] for each in groups]
        print_table(("NAME", "STATUS", "SEEN BY", "MEMBERS", "FULL NAME"), rows)
    else:
        click.echo("There is no such group. `portal group create` makes one.")


def _as_values(each: Group) -> dict[str, object]:
    return {
        "name": each.name,
        "status": STATUSES[each.status],
        "seen_by": "everybody" if each.is_public else "members",
        "members": each.member_count,
        "full_name": each.full_name,
    }


def _founder(user_name: str) -> User:
    found = find_user(user_name)
    if found is None or not found.is_active:
        raise PortalError(
            f"There is no active account named {user_name}.",
            "`portal user list` shows the accounts.",
        )
    return found


def _group(name: str) -> Group:
    found = named_group(name)
    if found is None:
        raise PortalError(
            f"There is no group named {name}.", "`portal group list` shows the groups."
        )
    return found
