"""Writes to groups: register, approve, reject, describe. Who may do it is asked by the views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import User
from portal.core.audit.recording import record
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.core.visibletext import tidy_lines, tidy_text, unseen_faults
from portal.groups.actions import GROUP_CREATE, GROUP_UPDATE, group_subject
from portal.groups.approvers import is_approved_at_once
from portal.groups.events import ask_updating, tell_created, tell_updated
from portal.groups.mails import mail_registered, mail_rejected
from portal.groups.models import ACTIVE, DELETED, PENDING, Group
from portal.groups.naming import full_name_faults, name_faults, name_key
from portal.groups.snapshots import snapshot
from portal.groups.states import set_status
from portal.groups.texts import (
    description_faults,
    homepage_faults,
    purpose_faults,
)

REASON_LENGTH = 1500


@dataclass(frozen=True, kw_only=True)
class GroupInformation:
    """What a group tells about itself; the part that its admins may change at any time."""

    full_name: str
    description: str
    homepage: str = ""
    is_public: bool = True
    accepts_requests: bool = True


def register_group(
    actor: User, name: str, information: GroupInformation, purpose: str | None = None
) -> Group:
    """Register a group for somebody: approved at once where nobody need look at it, else with mails.

    Those who approve and the founder are written to. ``purpose`` is None where it was not asked for;
    else it is demanded when somebody has to judge it (forge 4.6). Raises ``Invalid`` naming each
    field that breaks a rule.
    """
    is_free = is_approved_at_once(actor)
    is_demanded = purpose is not None and not is_free
    group = create_group(actor, name, information, purpose or "", is_purpose_demanded=is_demanded)
    if is_free:
        approve_group(group)
    else:
        mail_registered(group)
    return group


def create_group(
    actor: User,
    name: str,
    information: GroupInformation,
    purpose: str = "",
    *,
    is_purpose_demanded: bool = False,
) -> Group:
    """Store a group that awaits approval; its roles come with the approval (forge 4.6).

    ``purpose`` is for those who approve. Raises ``Invalid`` naming each field that breaks a rule.
    """
    information, purpose = _tidied(information), tidy_lines(purpose)
    _refuse(
        {
            "name": name_faults(name) or _taken_name(name),
            **_information_faults(information),
            "purpose": purpose_faults(purpose, is_demanded=is_purpose_demanded),
        }
    )
    group = Group(name=name, purpose=purpose, registered_by=actor.user_id, status=PENDING)
    _describe(group, information)
    with _names_unique():
        db.session.add(group)
    facts = {"name": name, **asdict(information)}
    record(GROUP_CREATE, group_subject(group), group=group, new=facts)
    tell_created(group)
    return group


def approve_group(group: Group, *, is_mailed: bool = True) -> None:
    """Open a pending group: stock roles, and whoever registered it becomes its first admin.

    The founder gets a mail unless ``is_mailed`` is False. Raises ``Conflict`` when the group does
    not await approval.
    """
    _check_pending(group)
    set_status(group, ACTIVE, expected=PENDING, is_mailed=is_mailed)


def reject_group(group: Group, reason: str) -> None:
    """Reject a pending group; the founder gets a mail with the reason, which the history keeps too.

    Raises ``Invalid`` at ``reason`` for an empty, too long or unreadable one, ``Conflict`` when the
    group does not await approval.
    """
    reason = judged_reason(reason)
    _check_pending(group)
    set_status(group, DELETED, reason=reason, expected=PENDING)
    mail_rejected(group, reason)


def judged_reason(reason: str) -> str:
    """Return a reason as it is stored and mailed; raises ``Invalid`` at ``reason``."""
    reason = tidy_lines(reason)
    if not reason:
        raise Invalid({"reason": [_("Say why; the person who registered the group reads it.")]})
    if len(reason) > REASON_LENGTH:
        text = _("A reason has at most %(most)d characters.", most=REASON_LENGTH)
        raise Invalid({"reason": [text]})
    _refuse({"reason": unseen_faults(reason)})
    return reason


def update_information(group: Group, information: GroupInformation) -> None:
    """Change what the group tells about itself; plugins are asked before and told after.

    Raises ``Invalid`` naming each faulty field.
    """
    information = _tidied(information)
    _refuse(_information_faults(information, group))
    old, new = asdict(_information_of(group)), asdict(information)
    if new == old:
        return
    ask_updating(group, new)
    before = snapshot(group)
    with _names_unique():
        _describe(group, information)
    record(GROUP_UPDATE, group_subject(group), group=group, old=old, new=new)
    tell_updated(group, before)


def note_fields(group: Group, old: str, new: str) -> None:
    """Put a change of the fields that plugins add to the group into its history; nothing for no change."""
    if new != old:
        record(
            GROUP_UPDATE,
            group_subject(group),
            group=group,
            old={"fields": old},
            new={"fields": new},
        )


def _check_pending(group: Group) -> None:
    if group.status != PENDING:
        raise Conflict(
            _("The group %(name)s does not await approval.", name=group.name),
            _("Reload the page to see its present state."),
        )


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
    group.full_name_ci = name_key(information.full_name)
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
        "description": description_faults(information.description),
        "homepage": homepage_faults(information.homepage),
    }


def _taken_name(name: str) -> list[str]:
    if db.session.scalar(select(Group.group_id).where(Group.name == name)) is None:
        return []
    return [_("There is a group named %(name)s already. Choose another name.", name=name)]


def _taken_full_name(full_name: str, group: Group | None) -> list[str]:
    holder = db.session.scalar(
        select(Group.group_id).where(Group.full_name_ci == name_key(full_name))
    )
    if holder is None or (group is not None and holder == group.group_id):
        return []
    return [_("Another group is called %(name)s already. Choose another name.", name=full_name)]


def _refuse(faults: Mapping[str, Sequence[str]]) -> None:
    errors = {field: texts for field, texts in faults.items() if texts}
    if errors:
        raise Invalid(errors)


@contextmanager
def _names_unique() -> Iterator[None]:
    """Undo the block, and raise ``Conflict``, when another group has one of the names meanwhile."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as error:
        raise Conflict(
            _("Somebody took that name at the same moment."), _("Choose another one and try again.")
        ) from error
