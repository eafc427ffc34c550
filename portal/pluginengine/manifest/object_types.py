"""Judges `object_types`: data types of the plugin's own, and fields added to those of others."""

from __future__ import annotations

import re
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.columns import check_column_name, parse_column, primary_key_of
from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry, Findings
from portal.pluginengine.manifest.identity import code_path, version_text
from portal.pluginengine.manifest.numbers import bounds, parse_whole
from portal.pluginengine.manifest.values import (
    CodePath,
    FieldDeclaration,
    ObjectTypeDeclaration,
    UpgradeFunction,
)
from portal.pluginengine.manifest.yamltext import read_yaml
from portal.pluginengine.naming import table

FIELD_KEYS: Final = ("type", "label", "edit", "choices", "min", "max")
UPGRADE_KEYS: Final = ("handler", "version_limit", "priority")

_TYPE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN: Final = frozenset({"meta_data", "migrations"})
_SIDE_TABLE: Final = "x_"


def check_type_name(text: str, handle: str | None) -> str:
    """Return ``text`` when it may name a type whose table fits, else raise BadValue (3.3.2)."""
    if not _TYPE_NAME.fullmatch(text):
        raise BadValue(
            text,
            _(
                "A type is named with lower-case ASCII letters, digits and underscores and begins"
                " with a letter."
            ),
        )
    if text in _TAKEN or text.startswith(_SIDE_TABLE):
        raise BadValue(text, _("The engine needs this name for a table of its own."))
    if handle is not None:
        table(handle, text)
    return text


def object_types(entry: Entry, handle: str | None) -> tuple[ObjectTypeDeclaration, ...]:
    """Every type declared (M-16, M-24): a text is a class, a mapping is fields, a list is both."""
    found = []
    for name, place in entry.entries():
        try:
            check_type_name(name, handle)
        except BadValue as bad:
            place.fault(bad.rule, bad.value)
            continue
        found.append(_object_type(name, place))
    return tuple(found)


def types_in(
    file: str, text: str, handle: str | None, findings: Findings
) -> tuple[ObjectTypeDeclaration, ...]:
    """The types of one file under `orm.path`: a mapping of names to columns, as in `object_types`."""
    node, faults = read_yaml(file, text)
    findings.faults += faults
    return object_types(Entry(file, "", node, findings), handle)


def _object_type(name: str, place: Entry) -> ObjectTypeDeclaration:
    parts = place.items() if isinstance(place.value, list) else [place]
    classes = [part for part in parts if isinstance(part.value, str)]
    mappings = [part for part in parts if isinstance(part.value, dict) and part.value]
    is_understood = len(classes) + len(mappings) == len(parts) > 0
    if not is_understood or len(classes) > 1 or len(mappings) > 1:
        place.fault(_("A class (module:Name) or a mapping of columns to definitions belongs here."))
        return ObjectTypeDeclaration(name=name)
    path: CodePath | None = None
    for part in classes:
        path = code_path(part, "models")
    return ObjectTypeDeclaration(
        name=name, class_path=path, fields=fields(mappings[0]) if mappings else ()
    )


def fields(entry: Entry) -> tuple[FieldDeclaration, ...]:
    """The columns of one mapping; at most one of them is the primary key."""
    found = []
    for name, place in entry.entries():
        try:
            check_column_name(name)
        except BadValue as bad:
            place.fault(bad.rule, bad.value)
            continue
        declaration = _field(name, place)
        if declaration is not None:
            found.append(declaration)
    try:
        primary_key_of({field.name: field.column for field in found})
    except BadValue as bad:
        entry.fault(bad.rule, bad.value)
    return tuple(found)


def _field(name: str, place: Entry) -> FieldDeclaration | None:
    if not isinstance(place.value, dict):
        column = place.checked(parse_column, required=True)
        return None if column is None else FieldDeclaration(name=name, column=column)
    at = place.fields(FIELD_KEYS)
    column = at["type"].checked(parse_column, required=True)
    minimum, maximum = bounds(at["min"], at["max"])
    label = at["label"].text()
    edit = at["edit"].flag()
    choices = at["choices"].distinct(lambda item: item.text(required=True) or None)
    if column is None:
        return None
    return FieldDeclaration(
        name=name,
        column=column,
        label=label,
        edit=edit,
        choices=choices,
        minimum=minimum,
        maximum=maximum,
    )


def upgrade_functions(entry: Entry) -> tuple[UpgradeFunction, ...]:
    """The functions that a schema upgrade runs (3.3.4), in the order of the file."""
    found = []
    for name, place in entry.entries():
        at = place.fields(UPGRADE_KEYS)
        handler = code_path(at["handler"], "")
        if at["handler"].is_absent:
            at["handler"].text(required=True)
        limit = version_text(at["version_limit"])
        priority = at["priority"].checked(parse_whole)
        if handler is not None:
            found.append(
                UpgradeFunction(
                    name=name,
                    handler=handler,
                    version_limit=limit,
                    priority=5 if priority is None else priority,
                )
            )
    return tuple(found)
