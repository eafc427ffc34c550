"""A membership at one moment, frozen: what plugins get of one that began or ended (engineering 2t)."""

from __future__ import annotations

from dataclasses import dataclass

from portal.accounts.snapshots import UserSnapshot


@dataclass(frozen=True, kw_only=True)
class MembershipSnapshot:
    """Who belonged to which group as what; it holds whatever becomes of the rows.

    ``group_name`` is the name in addresses, ``roles`` the names of the roles in alphabetical order.
    """

    group_id: int
    group_name: str
    user: UserSnapshot
    roles: tuple[str, ...]
