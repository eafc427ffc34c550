"""The roles that every group begins with (forge 4.0: Admin, Developer, Reader; and its visitors')."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.access.models import ANONYMOUS, LOGGED_IN
from portal.access.permissions import GROUP_ADMINISTER, GROUP_READ, GROUP_SEE_MEMBERS

ADMIN, DEVELOPER, READER = "Admin", "Developer", "Reader"


@dataclass(frozen=True, kw_only=True)
class StockRole:
    """A role as a new group gets it; the group may change or delete it afterwards."""

    name: str
    description: str
    permissions: tuple[str, ...]


STOCK_ROLES = (
    StockRole(
        name=ADMIN,
        description="Runs the group: everything, members and plugins included.",
        permissions=(GROUP_ADMINISTER,),
    ),
    StockRole(
        name=DEVELOPER,
        description="Works in the group with its tools.",
        permissions=(GROUP_READ, GROUP_SEE_MEMBERS),
    ),
    StockRole(
        name=READER,
        description="Sees what is in the group.",
        permissions=(GROUP_READ, GROUP_SEE_MEMBERS),
    ),
)

#: What visitors of a new group hold while it is public; people with an account hold both.
VISITOR_PERMISSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    ANONYMOUS: (GROUP_SEE_MEMBERS,),
    LOGGED_IN: (),
}
