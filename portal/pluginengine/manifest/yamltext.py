"""Reads one YAML text whose author is not trusted; every scalar stays the text that was written.

An ordinary loader makes 1.1 of ``version: 1.10`` (R-02). This one builds values from the parser's
events, without recursion, and stops at a size, a depth and a number of values that is counted
after the expansion of aliases, so that no text can exhaust memory, stack or time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

import yaml
from flask_babel import gettext as _

from portal.pluginengine.errors import Fault

Node: TypeAlias = str | list["Node"] | dict[str, "Node"] | None
"""A value of a file: text, a list or a mapping of them; None when nothing follows a key."""

MAX_CHARACTERS: Final = 64 * 1024
MAX_VALUES: Final = 10_000
MAX_DEPTH: Final = 16
_CHARACTERS_PER_VALUE: Final = 100  # a longer text counts as several values

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def read_yaml(file: str, text: str) -> tuple[Node, list[Fault]]:
    """The value of ``text`` and every fault found on the way; ``file`` names it in the faults.

    After a fault of syntax or size the value is None. A key given twice keeps its first value.
    """
    if len(text) > MAX_CHARACTERS:
        rule = _("The file has more than %(limit)s characters.", limit=MAX_CHARACTERS)
        return None, [Fault(file, "", "", rule)]
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            builder.take(event)
    except _Hopeless as hopeless:
        return None, [*builder.faults, hopeless.fault]
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        line = where.line + 1 if where else 1
        rule = _("Line %(line)s is not YAML: %(problem)s.", line=line, problem=error.problem)
        return None, [*builder.faults, Fault(file, "", "", rule)]
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # the reader's refusal of a character; numbers in directives and escapes beyond Unicode
        rule = _("The file is not YAML: %(problem)s", problem=str(error).splitlines()[0])
        return None, [*builder.faults, Fault(file, "", "", rule)]
    return builder.value, builder.faults


class _Hopeless(Exception):
    """Reading stops here; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet, with what is known of it so far."""

    node: list[Node] | dict[str, Node]
    anchor: str | None
    values_before: int
    key: str | None = None  # of a mapping: the key that waits for its value
    expects_key: bool = True
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    values: int
    height: int


class _Builder:
    """Puts the events of one text together."""

    def __init__(self, file: str) -> None:
        self.value: Node = None
        self.faults: list[Fault] = []
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._values = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._hopeless(
                        line, _("The file holds one document, without a second ---.")
                    )
            case yaml.ScalarEvent():
                self._take_scalar(event, line)
            case yaml.AliasEvent():
                self._take_alias(event, line)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._begin(event, line)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._end(line)

    def _take_scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        node = None if event.value == "" and event.style is None else event.value
        if _UNFIT.search(event.value):
            self._fault(line, event.value, _("A text holds no control characters."))
            node = None
        weight = 1 + len(event.value) // _CHARACTERS_PER_VALUE
        self._count(weight, line)
        self._keep(event.anchor, _Anchored(node, weight, 0))
        if self._expects_key():
            self._take_key(event, line)
        else:
            self._add(node, 0, line)

    def _take_key(self, event: yaml.ScalarEvent, line: int) -> None:
        parent = self._open[-1]
        assert isinstance(parent.node, dict)
        parent.expects_key = False
        parent.key = None
        if event.value in parent.node:
            self._fault(line, event.value, _("A key stands only once in its mapping."))
        elif event.value == "<<" and event.style is None:
            self._fault(line, event.value, _("Mappings are not merged: write the keys out."))
        else:
            parent.key = event.value
            parent.node[event.value] = None

    def _take_alias(self, event: yaml.AliasEvent, line: int) -> None:
        anchored = self._anchors.get(event.anchor or "")
        if anchored is None:
            rule = _("The alias *%(name)s has no finished anchor before it.", name=event.anchor)
            raise self._hopeless(line, rule)
        if self._expects_key():
            raise self._hopeless(line, _("A key is written out, never an alias."))
        self._count(anchored.values, line)
        self._add(anchored.node, anchored.height, line)

    def _begin(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent, line: int) -> None:
        if self._expects_key():
            raise self._hopeless(line, _("A key is a text, never a list or a mapping."))
        self._check_depth(1, line)
        node: list[Node] | dict[str, Node] = (
            [] if isinstance(event, yaml.SequenceStartEvent) else {}
        )
        self._open.append(_Open(node, event.anchor, self._values))
        self._count(1, line)

    def _end(self, line: int) -> None:
        done = self._open.pop()
        values = self._values - done.values_before
        self._keep(done.anchor, _Anchored(done.node, values, done.height))
        self._add(done.node, done.height, line)

    def _add(self, node: Node, height: int, line: int) -> None:
        if not self._open:
            self.value = node
            return
        self._check_depth(height, line)
        parent = self._open[-1]
        parent.height = max(parent.height, height + 1)
        if isinstance(parent.node, list):
            parent.node.append(node)
            return
        if parent.key is not None:
            parent.node[parent.key] = node
        parent.expects_key = True

    def _expects_key(self) -> bool:
        return (
            bool(self._open)
            and isinstance(self._open[-1].node, dict)
            and self._open[-1].expects_key
        )

    def _keep(self, anchor: str | None, anchored: _Anchored) -> None:
        if anchor is not None:
            self._anchors[anchor] = anchored

    def _count(self, values: int, line: int) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            rule = _("The file holds more than %(limit)s values.", limit=MAX_VALUES)
            raise self._hopeless(line, rule)

    def _check_depth(self, height: int, line: int) -> None:
        if len(self._open) + height > MAX_DEPTH:
            rule = _("Lists and mappings are nested at most %(limit)s deep.", limit=MAX_DEPTH)
            raise self._hopeless(line, rule)

    def _path(self) -> str:
        return " > ".join(frame.key for frame in self._open if frame.key is not None)

    def _fault(self, line: int, value: str, rule: str) -> None:
        placed = _("Line %(line)s: %(rule)s", line=line, rule=rule)
        self.faults.append(Fault(self._file, self._path(), value, placed))

    def _hopeless(self, line: int, rule: str) -> _Hopeless:
        placed = _("Line %(line)s: %(rule)s", line=line, rule=rule)
        return _Hopeless(Fault(self._file, self._path(), "", placed))
