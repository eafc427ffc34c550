"""What the role editor shows: every registered permission of a scope, in its sections (spec 3.3.5).

Built at request time from the registry, so that a plugin's permissions are there at the first page
after it was enabled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from portal.access.models import ANONYMOUS, LOGGED_IN, Role
from portal.access.permissions import (
    CORE,
    GROUP_READ,
    SECTIONS,
    Permission,
    current_permissions,
)
from portal.pluginengine.activation import Owner
from portal.pluginengine.engine import current_engine


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A permission as a check box. A locked one is ticked because of another and is not sent.

    ``implies`` are the ids, separated by blanks, that come with it; ``plugin`` the handle of the
    plugin that declares it, empty for the portal's own; ``is_given`` tells that the person has it
    in another way, too; ``is_of_seeing`` that whoever sees the group has it; ``is_inactive`` that its plugin
    is not used here, so that it gives nothing yet.
    """

    id: str
    label: str
    plugin: str
    is_checked: bool
    is_locked: bool
    is_given: bool
    is_of_seeing: bool
    is_inactive: bool
    implies: str


@dataclass(frozen=True, kw_only=True)
class PermissionSection:
    """The permissions of one section, by order, label and id."""

    key: str
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Editor:
    """Permissions to choose from: of one scope, all or only those that visitors may hold.

    ``given`` are ids that the person holds in another way; ``active`` the handles of the plugins that
    the group uses, None where that is not asked.
    """

    scope: str
    for_visitors: bool = False
    given: frozenset[str] = frozenset()
    active: frozenset[str] | None = None

    def permissions(self) -> list[Permission]:
        """Return what can be ticked at all."""
        registry = current_permissions()
        return [
            each
            for each in registry.of_scope(self.scope)
            if each.is_displayed
            if not self.for_visitors or registry.is_for_visitors(each.id)
        ]

    def sections(self, ticked: Set[str]) -> list[PermissionSection]:
        """Return the sections in their fixed order, empty ones left out, with these boxes ticked."""
        registry = current_permissions()
        own = registry.without_implied(set(ticked))
        held = registry.expand(own)
        if self.for_visitors:  # everybody sees a public group; this box cannot be unticked
            own, held = own - {GROUP_READ}, registry.expand(own | {GROUP_READ})
        seen = registry.implied_by(GROUP_READ)
        found: dict[str, list[Choice]] = {}
        for each in self.permissions():
            owner = registry.owner(each.id)
            choice = Choice(
                id=each.id,
                label=str(each.label),
                plugin="" if owner == CORE else owner,
                is_checked=each.id in held,
                is_locked=each.id in held and each.id not in own,
                is_given=each.id in self.given,
                is_of_seeing=each.id in seen,
                is_inactive=not registry.is_active(each.id, self.active),
                implies=" ".join(sorted(registry.implied_by(each.id))),
            )
            found.setdefault(each.section, []).append(choice)
        return list(_sections(found, {each.id: each.order for each in self.permissions()}))


def group_editor(
    group: Owner, *, for_visitors: bool = False, given: frozenset[str] = frozenset()
) -> Editor:
    """Offer a group the permissions of every plugin; those that it does not use are marked."""
    active = current_engine().activation.active_for(group)
    return Editor(scope="group", for_visitors=for_visitors, given=given, active=active)


def inactive_permissions(stored: Iterable[str]) -> list[str]:
    """Return the stored ids that nobody declares at the moment; they are kept, and give nothing."""
    known = current_permissions()
    return sorted(each for each in stored if each not in known)


def role_title(role: Role) -> str:
    """Return what people read as the name of a role; those of visitors have none of their own."""
    titles = {
        ANONYMOUS: _("Visitors who are not logged in"),
        LOGGED_IN: _("Everybody with an account"),
    }
    return titles.get(role.kind, role.name)


def permission_labels(ids: Iterable[str]) -> list[str]:
    """Return what people read for stored ids, in the order of the editor; inactive ones as they are."""
    stored, registry = set(ids), current_permissions()
    labels = [str(each.label) for each in registry if each.id in stored]
    return labels + inactive_permissions(stored)


def _sections(
    found: dict[str, list[Choice]], orders: dict[str, int | Decimal]
) -> Iterator[PermissionSection]:
    for key, title in SECTIONS.items():
        if key in found:
            choices = sorted(found[key], key=lambda each: (orders[each.id], each.label, each.id))
            yield PermissionSection(key=key, title=str(title), choices=tuple(choices))
