"""The plugin's class, put together from one file for each part of the portal."""

from .groups import GroupHooks
from .pages import PageHooks
from .people import PeopleHooks
from .site import SiteHooks
from .tools import ToolHooks


class EveryHook(PageHooks, GroupHooks, PeopleHooks, SiteHooks, ToolHooks):
    """Every handler of event.yml is a method of one of these."""
