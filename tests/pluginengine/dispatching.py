"""Arrangements for the tests of hooks: a dispatcher with declared hooks, owners and active sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from portal.pluginengine.catalogue import Catalogue
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.health import HealthLog
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.signals import HookNamespace


@dataclass(frozen=True)
class Item:
    """What collect hooks give here."""

    key: str
    after: str = ""


@dataclass(frozen=True)
class Box:
    """A value that holds markup."""

    html: Markup


class Owner:
    """A group or user that uses some plugins."""

    def __init__(self, *plugins: str) -> None:
        self.plugins = frozenset(plugins)


EVERYBODY = frozenset({"alpha", "beta", "gamma", "delta"})
GROUP = Owner(*EVERYBODY)


def spec(name: str, kind: str, **more: Any) -> HookSpec:
    """A hook specification with the words that a test does not care about."""
    given: dict[str, Any] = {"scope": "site", "where": "tests", "doc": "For tests.", **more}
    return HookSpec(name=name, kind=kind, **given)  # type: ignore[arg-type]


SPECS = (
    spec("told", "notify", now=True, params={"word": "str"}),
    spec("told_later", "notify", params={"word": "str"}),
    spec("menu", "collect", scope="group", params={"group": "Owner"}, returns=Item),
    spec("tabs", "collect", scope="user", params={"user": "Owner"}, returns=Item),
    spec("styles", "collect", scope="page", returns=str),
    spec("boxes", "collect", returns=Box),
    spec("text", "render", params={"word": "str"}),
    spec("changing", "check", params={"values": "dict[str, list[int]]"}),
    spec("login", "first", params={"name": "str"}, returns=str),
    spec("later", "notify", planned="tracker", params={"word": "str"}),
)


def active_set(owner: Owner | None) -> frozenset[str]:
    """Everybody on the site, the owner's own elsewhere."""
    return EVERYBODY if owner is None else owner.plugins


def make_hooks(
    *specs: HookSpec, derive: Mapping[str, Callable[..., object]] | None = None, **more: Any
) -> Hooks:
    """A dispatcher over the hooks of this module, with some more."""
    catalogue = Catalogue((*SPECS, *specs))
    more.setdefault("active_set", active_set)
    more.setdefault("request_id", lambda: "request-1")
    return Hooks(catalogue, HookNamespace(), HealthLog(), derive=derive, **more)


def failures(hooks: Hooks) -> list[tuple[str, str, str]]:
    """Plugin, hook and handler of each failure on record, the first one first."""
    found = reversed(hooks.health.incidents())
    return [(one.plugin, one.hook, one.handler) for one in found]
