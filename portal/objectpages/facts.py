"""What a row's page says of it: every field with its label, as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.objectpages.places import Place
from portal.objectpages.references import named
from portal.pluginengine.manifest import FieldDeclaration
from portal.web.extensionfields import text_of


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A field of a row: ``text`` is empty for no value and keeps lines when ``is_long``; ``url`` is a link."""

    name: str
    label: str
    text: str
    url: str = ""
    is_long: bool = False


def facts(place: Place, row: Any) -> list[Fact]:
    """Return what the fields of a row say, all of them but the group whose page it is."""
    group = place.page.group_column
    return [
        _fact(each, getattr(row, each.name))
        for each in place.page.fields
        if group is None or each.name != group.key
    ]


def _fact(field: FieldDeclaration, value: Any) -> Fact:
    if field.column.references is not None:
        found = named(field, value)
        text, url = (found.text, found.url) if found is not None else ("", "")
        return Fact(name=field.name, label=field.label, text=text, url=url)
    is_long = field.column.kind == "text"
    return Fact(name=field.name, label=field.label, text=text_of(value), is_long=is_long)
