"""The columns of a list of groups, wherever it stands."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.groups.models import ACTIVE, DELETED, HOLD, INCOMPLETE, PENDING, Group
from portal.web.lists.columns import Column, sorted_by
from portal.web.lists.filters import Filter

GROUP_STATES: tuple[tuple[str, LazyString], ...] = (
    (INCOMPLETE, _l("Incomplete")),
    (PENDING, _l("Awaiting approval")),
    (ACTIVE, _l("Active")),
    (HOLD, _l("On hold")),
    (DELETED, _l("Deleted")),
)

FULL_NAME = Column(
    key="full_name",
    title=_l("Full name"),
    sort=sorted_by(Group.full_name_ci, is_unique=True),
    filter=Filter(by=Group.full_name_ci, is_folded=True),
)
NAME = Column(
    key="name",
    title=_l("Name in addresses"),
    sort=sorted_by(Group.name, is_unique=True),
    filter=Filter(by=Group.name, is_folded=True),
)
DESCRIPTION = Column(key="description", title=_l("Description"))
STATUS = Column(
    key="status",
    title=_l("State"),
    kind="choice",
    choices=lambda: GROUP_STATES,
    sort=sorted_by(Group.status),
    filter=Filter(by=Group.status),
)
IS_PUBLIC = Column(
    key="is_public", title=_l("Public"), kind="bool", filter=Filter(by=Group.is_public)
)
MEMBER_COUNT = Column(
    key="member_count",
    title=_l("Members"),
    kind="number",
    sort=sorted_by(Group.member_count),
    filter=Filter(by=Group.member_count),
    align="end",
)
CREATED_AT = Column(
    key="created_at",
    title=_l("Registered"),
    kind="date",
    sort=sorted_by(Group.created_at),
    filter=Filter(by=Group.created_at),
)
