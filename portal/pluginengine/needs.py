"""Who needs whom among the plugins that run: hiding one hides those that need it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.pluginengine.loader import LoadedPlugin

#: Per handle, the handles of the running plugins that it requires.
Needs = Mapping[str, frozenset[str]]


def needs_among(plugins: Mapping[str, LoadedPlugin]) -> Needs:
    """Return what each running plugin requires of the others, by handle; the portal itself left out."""
    by_code = {each.record.code.lower(): handle for handle, each in plugins.items()}
    return {
        handle: frozenset(
            by_code[needed.code.lower()]
            for needed in each.manifest.requires.plugins
            if needed.code.lower() in by_code
        )
        for handle, each in plugins.items()
    }


def with_dependents(handles: Iterable[str], needs: Needs) -> frozenset[str]:
    """Return the handles and those of all plugins that need one of them, directly or through others."""
    found = set(handles)
    while True:
        more = {each for each, needed in needs.items() if each not in found and needed & found}
        if not more:
            return frozenset(found)
        found |= more


def with_needed(handles: Iterable[str], needs: Needs) -> frozenset[str]:
    """Return the handles and all that they need, directly or through others."""
    found: set[str] = set()
    waiting = list(handles)
    while waiting:
        handle = waiting.pop()
        if handle not in found:
            found.add(handle)
            waiting.extend(needs.get(handle, ()))
    return frozenset(found)


def dependents_first(handles: Iterable[str], needs: Needs) -> tuple[str, ...]:
    """Return the handles with each plugin before those that it needs, otherwise by name.

    So every beginning of the list can be hidden without hiding anything of its rest.
    """
    waiting = sorted(set(handles))
    ordered: list[str] = []
    while waiting:
        needed = frozenset().union(*(with_needed(needs.get(each, ()), needs) for each in waiting))
        free = [each for each in waiting if each not in needed] or waiting  # a circle: as it comes
        ordered += free
        waiting = [each for each in waiting if each not in free]
    return tuple(ordered)
