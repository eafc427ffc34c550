"""Writes to groups: found, approve, describe. Who may do it is asked by the views; these check the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import User
from portal.core.audit.recording import record
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.groups.actions import GROUP_CREATE, GROUP_UPDATE, group_subject
from portal.groups.models import ACTIVE, PENDING, Group
from portal.groups.naming import full_name_faults, name_faults, tidy_text
from portal.groups.states import set_status

DESCRIPTION_LENGTHS = (10, 255)
PURPOSE_LENGTH = 1500


@dataclass(frozen=True, kw_only=True)
class GroupInformation:
    """What a group tells about itself; the part that its admins may change at any time."""

    full_name: str
    description: str
    homepage: str = ""
    is_public: bool = True
    accepts_requests: bool = True


def create_group(actor: User, name: str, information: GroupInformation, purpose: str = "") -> Group:
    """Register a group that awaits approval; its roles come with the approval (forge 4.6).

    ``purpose`` is for those who approve. Raises ``Invalid`` naming each field that breaks a rule.
    """
    information = _tidied(information)
    faults = {"name": name_faults(name) or _taken_name(name), **_information_faults(information)}
    if len(purpose) > PURPOSE_LENGTH:
        faults["purpose"] = [_("A purpose has at most %(most)d characters.", most=PURPOSE_LENGTH)]
    _refuse(faults)
    group = Group(name=name, purpose=purpose.strip(), registered_by=actor.user_id, status=PENDING)
    _describe(group, information)
    db.session.add(group)
    _flush()
    facts = {"name": name, **asdict(information)}
    record(GROUP_CREATE, group_subject(group), group=group, new=facts)
    return group


def approve_group(group: Group) -> None:
    """Open a pending group: stock roles, and whoever registered it becomes its first admin.

    Raises ``Conflict`` when it does not await approval.
    """
    if group.status != PENDING:
        raise Conflict(
            _("The group %(name)s does not await approval.", name=group.name),
            _("Reload the page to see its present state."),
        )
    set_status(group, ACTIVE)


def update_information(group: Group, information: GroupInformation) -> None:
    """Change what the group tells about itself; raises ``Invalid`` naming each faulty field."""
    information = _tidied(information)
    _refuse(_information_faults(information, group))
    old = asdict(_information_of(group))
    _describe(group, information)
    _flush()
    new = asdict(information)
    if new != old:
        record(GROUP_UPDATE, group_subject(group), group=group, old=old, new=new)


def _tidied(given: GroupInformation) -> GroupInformation:
    return GroupInformation(
        full_name=tidy_text(given.full_name),
        description=tidy_text(given.description),
        homepage=given.homepage.strip(),
        is_public=given.is_public,
        accepts_requests=given.accepts_requests,
    )


def _information_of(group: Group) -> GroupInformation:
    return GroupInformation(
        full_name=group.full_name,
        description=group.description,
        homepage=group.homepage,
        is_public=group.is_public,
        accepts_requests=group.accepts_requests,
    )


def _describe(group: Group, information: GroupInformation) -> None:
    group.full_name = information.full_name
    group.full_name_ci = information.full_name.casefold()
    group.description = information.description
    group.homepage = information.homepage
    group.is_public = information.is_public
    group.accepts_requests = information.accepts_requests


def _information_faults(
    information: GroupInformation, group: Group | None = None
) -> dict[str, list[str]]:
    full_name = information.full_name
    return {
        "full_name": full_name_faults(full_name) or _taken_full_name(full_name, group),
        "description": _description_faults(information.description),
        "homepage": _homepage_faults(information.homepage),
    }


def _description_faults(description: str) -> list[str]:
    least, most = DESCRIPTION_LENGTHS
    if least <= len(description) <= most:
        return []
    return [
        _(
            "A description has %(least)d to %(most)d characters, this one %(count)d.",
            least=least,
            most=most,
            count=len(description),
        )
    ]


def _homepage_faults(homepage: str) -> list[str]:
    if not homepage:
        return []
    rule = _("Give a full address, as in https://example.org/, of at most 255 characters.")
    try:
        parts = urlsplit(homepage)
    except ValueError:
        return [rule]
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    is_plain = len(homepage) <= 255 and homepage.isprintable() and " " not in homepage
    return [] if is_web and is_plain else [rule]


def _taken_name(name: str) -> list[str]:
    if db.session.scalar(select(Group.group_id).where(Group.name == name)) is None:
        return []
    return [_("There is a group named %(name)s already. Choose another name.", name=name)]


def _taken_full_name(full_name: str, group: Group | None) -> list[str]:
    holder = db.session.scalar(
        select(Group.group_id).where(Group.full_name_ci == full_name.casefold())
    )
    if holder is None or (group is not None and holder == group.group_id):
        return []
    return [_("Another group is called %(name)s already. Choose another name.", name=full_name)]


def _refuse(faults: Mapping[str, Sequence[str]]) -> None:
    errors = {field: texts for field, texts in faults.items() if texts}
    if errors:
        raise Invalid(errors)


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict(
            _("Somebody took that name at the same moment."), _("Choose another one and try again.")
        ) from error
