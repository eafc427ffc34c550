"""Style sheets and scripts that a page is to load, as values that the layout draws."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from portal.web.addresses import checked_url

AssetKind = Literal["css", "js", "module"]

#: A media query list: words, features in parentheses, commas.
_MEDIA = re.compile(r"[A-Za-z0-9 ,():.-]+\Z")


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file to load: a style sheet (``css``), a classic script (``js``) or a module.

    ``media`` is the media query of a style sheet. Raises ValueError for a value that cannot stand
    in a page. Files from other sites are refused by the content security policy.
    """

    kind: AssetKind
    url: str
    media: str = "all"

    def __post_init__(self) -> None:
        kinds = get_args(AssetKind)
        if self.kind not in kinds:
            raise ValueError(
                f"The asset {self.url!r} is of kind {self.kind!r}, not one of {kinds}."
            )
        checked_url(self.url, f"The {self.kind} asset")
        if not _MEDIA.match(self.media):
            raise ValueError(f"The asset {self.url!r} has no media query: {self.media!r}.")
