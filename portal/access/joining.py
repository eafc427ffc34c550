"""Ways into a group: asking to join, answering, being taken in; and the mails that tell of it (forge 4.7, 4.8).

Whoever calls has asked ``can()`` before. All that changes who is in a group holds its roles first, so
that of two who answer one request at once the second one reads that it is answered.
"""

from __future__ import annotations

import re
from typing import Protocol

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from portal.access.actions import JOIN_ACCEPT, JOIN_REJECT, JOIN_REQUEST, JOIN_WITHDRAW
from portal.access.joinrequests import JoinableGroup, pending_request
from portal.access.lastadmins import administrators_of, hold_roles
from portal.access.models import JoinRequest
from portal.access.queries import roles_held
from portal.access.services import MemberGroup, add_member
from portal.accounts.actions import person
from portal.accounts.models import User
from portal.core.audit.recording import record
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.web.mails import compose_for

#: Of what people write to each other: the comment of a request, the reason of a rejection.
LONGEST_COMMENT = 1500
#: Controls, and what turns the direction of writing; letters of every script stay with their joiners.
_TURNING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class OpenGroup(MemberGroup, JoinableGroup, Protocol):
    """A group that people can be taken into and may ask to."""


def request_to_join(group: JoinableGroup, user: User, comment: str) -> JoinRequest:
    """Ask the group's administrators to be taken in, and mail them.

    Raises ``Invalid`` for a comment that is empty or too long, ``Conflict`` for members, for somebody
    who has asked already, and where the group takes no requests.
    """
    comment = _tidied(comment)
    if not comment:
        raise Invalid({"comment": [_("Say in a few words who you are and why you want to join.")]})
    _check_length("comment", comment)
    hold_roles(group.group_id)
    _check_open(group, user)
    request = JoinRequest(group_id=group.group_id, user_id=user.user_id, comment=comment)
    try:
        with db.session.begin_nested():
            db.session.add(request)
    except IntegrityError:
        raise _asked_already() from None
    record(JOIN_REQUEST, person(user), group=group, new={"comment": comment})
    for administrator in administrators_of(group.group_id):
        compose_for(
            administrator,
            "access/join_request",
            reader=administrator,
            asking=user,
            group=group,
            comment=comment,
        )
    return request


def withdraw_request(group: JoinableGroup, user: User) -> None:
    """Take back what the person asked; raises ``Conflict`` when it has been answered meanwhile."""
    _take(group, user)
    record(JOIN_WITHDRAW, person(user), group=group)


def accept_request(group: OpenGroup, user: User, role: str, by: User) -> None:
    """Take in who has asked, with the role of that name, and mail them.

    Raises ``Conflict`` when the request has been answered or withdrawn meanwhile, ``Invalid`` when the
    group has no such role or the account is not active.
    """
    hold_roles(group.group_id)
    if pending_request(group.group_id, user.user_id) is None:
        raise no_request(user.user_name)
    add_member(group, user, role)
    record(JOIN_ACCEPT, person(user), group=group, new={"role": role})
    compose_for(user, "access/join_accepted", reader=user, group=group, role=role, by=by)


def reject_request(group: JoinableGroup, user: User, reason: str = "") -> None:
    """Refuse who has asked, and mail them the reason, if one is given.

    Raises ``Conflict`` when the request has been answered or withdrawn meanwhile, ``Invalid`` for a
    reason that is too long.
    """
    reason = _tidied(reason)
    _check_length("reason", reason)
    _take(group, user)
    record(JOIN_REJECT, person(user), group=group, new={"reason": reason})
    compose_for(user, "access/join_rejected", reader=user, group=group, reason=reason)


def take_in(group: OpenGroup, user: User, role: str, by: User) -> None:
    """Give the person a role of the group; somebody who becomes a member by it is mailed.

    Raises what ``add_member`` raises.
    """
    hold_roles(group.group_id)
    is_new = not roles_held(group.group_id, user.user_id)
    add_member(group, user, role)
    if is_new and user is not by:
        compose_for(user, "access/added", reader=user, group=group, role=role, by=by)


def forget_requests(user: User) -> None:
    """Drop what the person has asked anywhere: the account goes."""
    db.session.execute(delete(JoinRequest).where(JoinRequest.user_id == user.user_id))


def drop_requests(group_id: int) -> None:
    """Drop what people have asked the group: it goes."""
    db.session.execute(delete(JoinRequest).where(JoinRequest.group_id == group_id))


def no_request(user_name: str) -> Conflict:
    """Return the refusal of an answer that comes too late, or to nothing."""
    return Conflict(
        _(
            "No request of %(user)s waits for an answer: somebody has answered it, or it was withdrawn.",
            user=user_name,
        )
    )


def _check_open(group: JoinableGroup, user: User) -> None:
    if roles_held(group.group_id, user.user_id):
        raise Conflict(_("You are a member of this group already."))
    if pending_request(group.group_id, user.user_id) is not None:
        raise _asked_already()
    if not (group.is_active and group.accepts_requests and user.is_active):
        raise Conflict(
            _("This group takes no requests to join."),
            _("Ask one of its administrators to add you."),
        )


def _take(group: JoinableGroup, user: User) -> None:
    """Remove the person's request; raises ``Conflict`` when there is none."""
    hold_roles(group.group_id)
    request = pending_request(group.group_id, user.user_id)
    if request is None:
        raise no_request(user.user_name)
    db.session.delete(request)
    db.session.flush()


def _asked_already() -> Conflict:
    return Conflict(
        _("You have asked to join this group already."), _("Its administrators will answer.")
    )


def _tidied(text: str) -> str:
    """Return the text as it is kept: line ends of one kind, nothing around it, no controls."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _TURNING.sub("", lines).strip()


def _check_length(field: str, text: str) -> None:
    if len(text) > LONGEST_COMMENT:
        fault = _(
            "Write at most %(most)d characters; these are %(count)d.",
            most=LONGEST_COMMENT,
            count=len(text),
        )
        raise Invalid({field: [fault]})
