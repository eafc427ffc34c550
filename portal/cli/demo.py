"""`portal demo`: people, groups and a plugin to look around with; running it again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click
from flask.cli import with_appcontext

from portal.access.permissions import SYSTEM_ADMINISTER
from portal.access.queries import memberships_of
from portal.access.services import add_member
from portal.access.sitegrants import grant_system
from portal.access.stockroles import ADMIN, DEVELOPER
from portal.accounts.demoaccounts import DEMO_PASSWORD, demo_logins
from portal.accounts.loading import find_user
from portal.accounts.models import ACTIVE, User
from portal.accounts.services import create_user
from portal.app import current_state
from portal.config import current_settings
from portal.core.unit_of_work import unit_of_work
from portal.groups.queries import named_group
from portal.groups.services import GroupInformation, approve_group, create_group
from portal.pluginengine import lifecycle
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused, Veto
from portal.pluginengine.state import SiteState
from portal.pluginengine.usage import change_usage

PLUGIN = "helloworld"
PLUGIN_GROUP = "apollo"

PEOPLE = {
    "admin": "Ada Admin",
    "alice": "Alice Andrews",
    "bob": "Bob Brown",
    "carol": "Carol Clark",
}


@dataclass(frozen=True, kw_only=True)
class DemoGroup:
    """A group as the demo has it; one without members awaits approval."""

    name: str
    information: GroupInformation
    purpose: str
    members: tuple[tuple[str, str], ...] = ()


GROUPS = (
    DemoGroup(
        name="apollo",
        information=GroupInformation(
            full_name="Apollo Guidance",
            description=(
                "Software and notes for the guidance computer that took three people to the Moon "
                "and back: navigation, landing, and the alarms that came up on the way down."
            ),
            homepage="https://www.ibiblio.org/apollo/",
        ),
        purpose="Keeps the guidance programs readable and runs them on an emulator.",
        members=(("alice", ADMIN), ("bob", DEVELOPER)),
    ),
    DemoGroup(
        name="mercury",
        information=GroupInformation(
            full_name="Mercury Tracking Network",
            description=(
                "The ground stations that listened to the first flights around the Earth: where "
                "they stood, what they heard, and the tables that turned signals into orbits."
            ),
        ),
        purpose="Collects station logs and the programs that read them.",
        members=(("alice", ADMIN), ("bob", DEVELOPER)),
    ),
    DemoGroup(
        name="gemini",
        information=GroupInformation(
            full_name="Gemini Rendezvous",
            description=(
                "Two spacecraft, one orbit: plans for meeting and docking that are not ready to "
                "be shown. This group is private; only its members know that it exists."
            ),
            is_public=False,
        ),
        purpose="Works out rendezvous manoeuvres before they are published.",
        members=(("alice", ADMIN),),
    ),
    DemoGroup(
        name="vostok",
        information=GroupInformation(
            full_name="Vostok Archive",
            description=(
                "Letters, drawings and recordings around the first flight of a person into space, "
                "sorted and translated."
            ),
        ),
        purpose=(
            "We have some four hundred scanned pages and want a place to sort and translate them "
            "together. The material is free to use."
        ),
    ),
)


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill the site with people, groups and a plugin to look around with."""
    done = _make_people_and_groups()
    try:
        done += [*_switch_plugin_on(), *_use_plugin()]
    except (Refused, Veto) as refusal:
        done.append(f"Left the plugin {PLUGIN} as it is. {refusal}")
    click.echo("\n".join(done or ["The demo content is there already."]))
    click.echo(demo_logins())


def _make_people_and_groups() -> list[str]:
    with unit_of_work():
        return [*_people(), *(line for each in GROUPS for line in _group(each))]


def _people() -> Iterator[str]:
    for name, real_name in PEOPLE.items():
        if find_user(name) is None:
            email = f"{name}@portal.example"
            create_user(name, real_name, email, DEMO_PASSWORD, status=ACTIVE)
            yield f"Made the account {name}."
    if grant_system(_person("admin"), SYSTEM_ADMINISTER):
        yield "Made admin a site admin."


def _group(each: DemoGroup) -> Iterator[str]:
    founder = _person(each.members[0][0] if each.members else "carol")
    group = named_group(each.name)
    if group is None:
        group = create_group(founder, each.name, each.information, each.purpose)
        if each.members:
            approve_group(group, is_mailed=False)  # nobody reads the demo's addresses
        yield f"Made the group {each.name}{'' if each.members else ', which awaits approval'}."
    for user_name, role in each.members:
        if group.is_active and group.group_id not in memberships_of(_person(user_name).user_id):
            add_member(group, _person(user_name), role)
            yield f"Made {user_name} {role} of {each.name}."


def _switch_plugin_on() -> Iterator[str]:
    """Register and enable the plugin, unless the site knows it: then somebody else decides."""
    record = _state().by_handle.get(PLUGIN)
    if record is None:
        yield lifecycle.register(PLUGIN).message
    if record is None or not record.initialized:
        yield lifecycle.enable(PLUGIN).message


def _use_plugin() -> Iterator[str]:
    """Let one group use the plugin, in an app of the generation that runs it."""
    app = current_engine().runtime.build(_state())
    with app.app_context(), unit_of_work():
        group = named_group(PLUGIN_GROUP)
        can_choose = current_engine().activation.switch(PLUGIN) is not None
        if group is None or not can_choose or group.plugin_choice(PLUGIN) is not None:
            return
        change_usage(group, PLUGIN, used=True)
        yield f"Switched {PLUGIN} on for {PLUGIN_GROUP}."


def _state() -> SiteState:
    return current_state(current_settings())


def _person(user_name: str) -> User:
    user = find_user(user_name)
    if user is None:
        raise click.ClickException(f"The demo needs the account {user_name}, which is missing.")
    return user
