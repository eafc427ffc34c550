"""The hook explorer's reads: every hook with who answers it, how long that takes, and a page where it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import current_app, url_for
from sqlalchemy import select

from portal.core.clock import now
from portal.core.database import db
from portal.groups.models import ACTIVE, Group
from portal.pluginengine.engine import current_engine
from portal.pluginengine.health.histogram import BUCKETS, quantile
from portal.pluginengine.healthfigures import HookTimes, timings_since
from portal.pluginengine.hooks import HookSpec
from portal.web.current import current

SPAN: Final = timedelta(hours=24)
"""Of how long the explorer tells times and errors."""

#: Who answers, as the filter names it.
PLUGIN, PORTAL, NOBODY = ANSWERS = ("plugin", "portal", "nobody")


@dataclass(frozen=True, kw_only=True)
class Times:
    """Calls of a hook's handlers together: how many, seconds on average and for 95 of 100, failures."""

    calls: int
    mean: float
    p95: float
    errors: int


@dataclass(frozen=True, kw_only=True)
class HookEntry:
    """A hook in the list: its package, the handles of the plugins that answer, how many handlers in all."""

    spec: HookSpec
    package: str
    plugins: tuple[str, ...]
    handlers: int
    times: Times | None

    @property
    def answered_by(self) -> str:
        """Who answers: plugins (and maybe the portal), the portal alone, or nobody."""
        if self.plugins:
            return PLUGIN
        return PORTAL if self.handlers else NOBODY


@dataclass(frozen=True, kw_only=True)
class HookFilter:
    """What the list is narrowed to; an empty text leaves everything."""

    words: str = ""
    package: str = ""
    kind: str = ""
    scope: str = ""
    answered: str = ""

    def __bool__(self) -> bool:
        """True when it leaves anything out."""
        return bool(self.words or self.package or self.kind or self.scope or self.answered)

    def admits(self, entry: HookEntry) -> bool:
        """Tell whether a hook is among what is looked for."""
        spec = entry.spec
        text = f"{spec.name} {spec.doc} {spec.where}".casefold()
        return (
            all(word in text for word in self.words.casefold().split())
            and self.package in ("", entry.package)
            and self.kind in ("", spec.kind)
            and self.scope in ("", spec.scope)
            and self.answered in ("", entry.answered_by)
        )


def package_of(spec: HookSpec) -> str:
    """Return the package that fires the hook, or that will."""
    if spec.planned is not None:
        return spec.planned
    _root, _point, inner = spec.fired_in.replace("/", ".").partition(".")
    return inner.partition(".")[0]


def hook_entries() -> list[HookEntry]:
    """Return all hooks by name, with the times of the last 24 hours; one SELECT."""
    engine = current_engine()
    times = _by_hook(timings_since(now() - SPAN))
    return [_entry(spec, times) for spec in sorted(engine.catalogue, key=lambda each: each.name)]


def times_of(hook: str) -> list[HookTimes]:
    """Return who answered the hook in the last 24 hours and how long it took, the most expensive first."""
    return [each for each in timings_since(now() - SPAN) if each.hook == hook]


def page_url(spec: HookSpec) -> str:
    """Return the address of a page on which the hook shows; empty when there is none on this site.

    A page of a group is that of the group which has been there for longest, a page of a person the viewer's.
    """
    if not spec.page:
        return ""
    wanted = {name for rule in current_app.url_map.iter_rules(spec.page) for name in rule.arguments}
    values: dict[str, Any] = dict(_values(wanted))
    return url_for(spec.page, **values) if wanted <= values.keys() else ""


def _entry(spec: HookSpec, times: Mapping[str, Times]) -> HookEntry:
    handlers = current_engine().hooks.listeners(spec.name)
    return HookEntry(
        spec=spec,
        package=package_of(spec),
        plugins=tuple(sorted({each.plugin for each in handlers if each.plugin is not None})),
        handlers=len(handlers),
        times=times.get(spec.name),
    )


def _by_hook(times: Iterable[HookTimes]) -> Mapping[str, Times]:
    of_hooks: dict[str, list[HookTimes]] = {}
    for each in times:
        of_hooks.setdefault(each.hook, []).append(each)
    return {hook: _sum(found) for hook, found in of_hooks.items()}


def _sum(times: Sequence[HookTimes]) -> Times:
    calls = sum(each.calls for each in times)
    buckets = [sum(each.buckets[place] for each in times) for place in range(BUCKETS)]
    return Times(
        calls=calls,
        mean=sum(each.seconds for each in times) / calls if calls else 0.0,
        p95=quantile(buckets, 0.95),
        errors=sum(each.errors for each in times),
    )


def _values(wanted: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in wanted:
        if name == "user_name" and current.viewer is not None:
            yield name, current.viewer.user_name
        elif name in ("name", "group_name"):
            oldest = select(Group.name).where(Group.status == ACTIVE).order_by(Group.group_id)
            group = db.session.scalar(oldest.limit(1))
            if group is not None:
                yield name, group
