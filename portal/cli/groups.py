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
from portal.groups.purging import due_at, purge_due_groups, purge_group
from portal.groups.queries import named_group
from portal.groups.services import (
    GroupInformation,
    approve_group,
    create_group,
    register_group,
    reject_group,
)
from portal.groups.states import delete_group, hold_group, reactivate_group, restore_group

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
@click.option("--purpose", help="What it is for, told to those who approve groups.")
@click.option("--approve", is_flag=True, help="Open it at once instead of letting it wait.")
@with_appcontext
def create(  # noqa: PLR0913 - one parameter an option
    name: str,
    founder: str,
    full_name: str,
    description: str,
    homepage: str,
    private: bool,
    purpose: str | None,
    approve: bool,
) -> None:
    """Register the group NAME, which then awaits approval; those who approve get a mail."""
    information = GroupInformation(
        full_name=full_name, description=description, homepage=homepage, is_public=not private
    )
    with unit_of_work():
        if approve:
            made = create_group(_founder(founder), name, information, purpose or "")
            approve_group(made)
        else:
            made = register_group(_founder(founder), name, information, purpose)
        is_open = made.is_active
    state = f"{founder} administers it" if is_open else "it awaits approval"
    click.echo(f"Made the group {name}; {state}.")


@group.command("approve")
@_NAME
@with_appcontext
def approve(name: str) -> None:
    """Open the pending group NAME; whoever registered it becomes its administrator."""
    with unit_of_work():
        approve_group(_group(name))
    click.echo(f"The group {name} is open.")


@group.command("reject")
@_NAME
@click.option("--reason", required=True, help="Why; whoever registered the group gets it by mail.")
@with_appcontext
def reject(name: str, reason: str) -> None:
    """Reject the pending group NAME."""
    with unit_of_work():
        reject_group(_group(name), reason)
    click.echo(f"The group {name} is rejected. `portal group restore {name}` would open it.")


@group.command("hold")
@_NAME
@with_appcontext
def hold(name: str) -> None:
    """Close the active group NAME for everybody but site admins; everything is kept."""
    with unit_of_work():
        hold_group(_group(name))
    click.echo(f"The group {name} is held. `portal group activate {name}` opens it again.")


@group.command("activate")
@_NAME
@with_appcontext
def activate(name: str) -> None:
    """Open the group NAME again, which was held."""
    with unit_of_work():
        reactivate_group(_group(name))
    click.echo(f"The group {name} is open.")


@group.command("delete")
@_NAME
@with_appcontext
def delete(name: str) -> None:
    """Delete the active or held group NAME; it can be restored until its purge."""
    with unit_of_work():
        found = _group(name)
        delete_group(found)
        due = due_at(found)
    until = f" until {due:%Y-%m-%d %H:%M} UTC" if due else ""
    click.echo(f"The group {name} is deleted. `portal group restore {name}` undoes it{until}.")


@group.command("restore")
@_NAME
@with_appcontext
def restore(name: str) -> None:
    """Open the deleted or rejected group NAME again."""
    with unit_of_work():
        restore_group(_group(name))
    click.echo(f"The group {name} is open.")


@group.command("purge")
@click.argument("name", required=False)
@with_appcontext
def purge(name: str | None) -> None:
    """Remove deleted groups for good: those whose days are over, or NAME at once.

    A plugin may object; then the group stays deleted, and the command exits with 1.
    """
    if name is not None:
        with unit_of_work():
            purge_group(_group(name))
        click.echo(f"The group {name} is gone.")
        return
    done = purge_due_groups()
    for each in done.gone:
        click.echo(f"The group {each} is gone.")
    for each, why in done.kept:
        click.echo(f"The group {each} stays: {why}", err=True)
    if not (done.gone or done.kept):
        click.echo("No deleted group is due.")
    if done.kept:
        raise PortalError("Not every group could be purged.", "The next run asks again.")


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
