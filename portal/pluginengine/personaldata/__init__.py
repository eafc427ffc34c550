"""Data about people in the tables of plugins: where it lies, its export, its end with the account."""

from portal.pluginengine.personaldata.erasing import Erased, erase
from portal.pluginengine.personaldata.exporting import held_by_plugins
from portal.pluginengine.personaldata.places import Person, Place, places
from portal.pluginengine.personaldata.shares import Share, shares_of

__all__ = [
    "Erased",
    "Person",
    "Place",
    "Share",
    "erase",
    "held_by_plugins",
    "places",
    "shares_of",
]
