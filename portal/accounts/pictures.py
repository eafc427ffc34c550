"""Pictures of people: what a plugin gives, else initials that the templates draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.accounts.destinations import is_own_address
from portal.accounts.models import User
from portal.pluginengine.engine import current_engine


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture by its address on this site; raises ValueError for any other."""

    url: str

    def __post_init__(self) -> None:
        if not is_own_address(str(self.url)) or " " in self.url:
            raise ValueError(
                f"A picture has an address on this site that begins with /, got {self.url!r:.80}."
            )


def read_address(value: str) -> Sequence[Picture]:
    """The address of a picture, as text."""
    return [Picture(url=value)]


def picture_of(user: User, size: int) -> str:
    """Return the address of a person's picture, ``size`` CSS pixels wide and high; "": draw the initials.

    Fires the hook user_logo.
    """
    picture: Picture | None = current_engine().hooks.first("user_logo", user=user, size=size)
    return picture.url if picture else ""
