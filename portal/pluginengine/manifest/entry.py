"""A place in config.yml or event.yml with the value found there, and the questions a judge asks it.

A question never raises: what breaks a rule goes into the findings, and the answer is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TypeVar

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue, Fault
from portal.pluginengine.manifest.yamltext import Node

T = TypeVar("T")

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(slots=True)
class Findings:
    """What the judges found so far: faults refuse the plugin, warnings do not."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """``value`` as read at ``key`` (a path, parts joined by " > ") of ``file``.

    An ``excused`` entry lies in something that is not even a mapping: that it is missing is no
    second fault.
    """

    file: str
    key: str
    value: Node
    findings: Findings
    excused: bool = False

    @property
    def is_absent(self) -> bool:
        """Whether the key is missing or nothing follows it."""
        return self.value is None

    def fault(self, rule: str, value: str | None = None) -> None:
        """Record that this place breaks ``rule``; ``value`` replaces the one shown."""
        shown = _shown(self.value) if value is None else value
        self.findings.faults.append(Fault(self.file, self.key, shown, rule))

    def warn(self, rule: str) -> None:
        """Record something odd that is no reason to refuse the plugin."""
        self.findings.warnings.append(Fault(self.file, self.key, _shown(self.value), rule))

    def under(self, key: str, value: Node) -> Entry:
        """The place ``key`` inside this one."""
        return replace(self, key=f"{self.key} > {key}" if self.key else key, value=value)

    def text(self, limit: int = 255, *, required: bool = False, lines: bool = False) -> str:
        """A text of at most ``limit`` characters, on one line unless ``lines``; "" for none."""
        if self.value is None:
            if required and not self.excused:
                self.fault(_("This is missing; it must be given."))
            return ""
        if not isinstance(self.value, str):
            self.fault(_("A text belongs here, not a list or a mapping."))
            return ""
        text = self.value.strip()
        if required and not text:
            self.fault(_("This is empty; it must be given."))
        if len(text) > limit:
            self.fault(_("A text of at most %(limit)s characters belongs here.", limit=limit))
        if "\n" in text and not lines:
            self.fault(_("A text on one line belongs here."))
        return text

    def checked(self, check: Callable[[str], T], *, required: bool = False) -> T | None:
        """What ``check`` makes of the text; its BadValue becomes a fault. None for none."""
        if self.value is None or not isinstance(self.value, str):
            self.text(required=required)
            return None
        try:
            return check(self.value)
        except BadValue as bad:
            self.fault(bad.rule)
            return None

    def one_of(self, choices: Collection[str], *, required: bool = False) -> str | None:
        """One of ``choices``, spelled exactly so; None for none or another."""
        if not isinstance(self.value, str):
            self.text(required=required)
            return None
        if self.value in choices:
            return self.value
        self.fault(one_of_rule(choices, self.value))
        return None

    def flag(self) -> bool | None:
        """Yes or no in YAML's spellings, 0 and 1 among them; None for none."""
        text = self.text().lower()
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        if not self.is_absent:
            self.fault(_("Write true or false here."))
        return None

    def items(self) -> list[Entry]:
        """The places of a list, numbered from 1; [] for none."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            self.fault(_("A list belongs here: each item on a line of its own after a hyphen."))
            return []
        return [self.under(str(number), node) for number, node in enumerate(self.value, start=1)]

    def distinct(self, read: Callable[[Entry], T | None]) -> tuple[T, ...]:
        """What ``read`` makes of each item of a list; an item that stands twice is a fault."""
        found: dict[T, None] = {}
        for item in self.items():
            if item.is_absent:
                item.fault(_("This item is empty."))
                continue
            value = read(item)
            if value is not None and value in found:
                item.fault(_("This stands in the list twice."))
            elif value is not None:
                found[value] = None
        return tuple(found)

    def entries(self) -> list[tuple[str, Entry]]:
        """The keys of a mapping whose names are the author's, each with its place; [] for none."""
        if self.value is None:
            return []
        if not isinstance(self.value, dict):
            self.fault(_("A mapping of names to values belongs here."))
            return []
        return [(key, self.under(key, node)) for key, node in self.value.items()]

    def fields(self, known: Collection[str]) -> Mapping[str, Entry]:
        """The places of a mapping whose keys are ``known``; an unknown key is a warning."""
        given = dict(self.entries())
        for name, entry in given.items():
            if name not in known:
                entry.warn(unknown_rule(name, known))
        excused = self.value is not None and not isinstance(self.value, dict)
        absent = replace(self, value=None, excused=self.excused or excused)
        return {name: given.get(name) or absent.under(name, None) for name in known}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` most resembles, ignoring case; None when none comes near."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(name.lower()[:100], by_lower, n=1)
    return by_lower[matches[0]] if matches else None


def unknown_rule(name: str, known: Iterable[str]) -> str:
    """What to say about a key that nobody knows."""
    rule: str = _("This key is unknown and ignored.")
    return with_nearest(rule, name, known)


def one_of_rule(choices: Collection[str], text: str) -> str:
    """What to say about a text that is none of ``choices``."""
    rule: str = _("One of %(choices)s belongs here, spelled so.", choices=", ".join(choices))
    return with_nearest(rule, text, choices)


def with_nearest(rule: str, name: str, known: Iterable[str]) -> str:
    """``rule``, and after it the known name that ``name`` was perhaps meant to be."""
    near = nearest(name, known)
    return rule if near is None else f"{rule} {_('Did you mean %(name)s?', name=near)}"


def _shown(value: Node) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else "[…]" if isinstance(value, list) else "{…}"
