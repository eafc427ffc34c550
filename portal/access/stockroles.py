"""The roles that every group begins with (forge 4.0: Admin, Developer, Reader)."""

from __future__ import annotations

from dataclasses import dataclass

from portal.access.permissions import GROUP_ADMINISTER, GROUP_READ

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
        permissions=(GROUP_READ,),
    ),
    StockRole(
        name=READER,
        description="Sees what is in the group.",
        permissions=(GROUP_READ,),
    ),
)
