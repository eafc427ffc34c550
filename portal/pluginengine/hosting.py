"""What the host's packages hand to the engine before it is assembled: hooks, own handlers, page owners."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask

from portal.pluginengine.formextensions import CoreForm
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.objecttypes.values import CoreType, CoreTypes
from portal.pluginengine.routing import OwnerKind

EXTENSION = "portal.hosting"

#: Given a plugin's key, yields what people set, chose or granted about it, by the names of whom it concerns.
Choices = Callable[[int], Iterator[Mapping[str, object]]]


@dataclass
class Hosting:
    """Collected while an app is put together; the assembly reads it once, an export the ``choices``."""

    specs: list[HookSpec] = field(default_factory=list)
    handlers: list[tuple[str, Callable[..., Any]]] = field(default_factory=list)
    kinds: list[OwnerKind] = field(default_factory=list)
    types: list[CoreType] = field(default_factory=list)
    forms: dict[str, CoreForm] = field(default_factory=dict)
    choices: dict[str, Choices] = field(default_factory=dict)


def hosting_of(app: Flask) -> Hosting:
    """Return what has been handed in for ``app`` so far."""
    return cast(Hosting, app.extensions.setdefault(EXTENSION, Hosting()))


def offer_hooks(app: Flask, specs: Iterable[HookSpec]) -> None:
    """Offer the hooks of a package."""
    hosting_of(app).specs.extend(specs)


def answer_hook(app: Flask, name: str, handler: Callable[..., Any]) -> None:
    """Let the host itself answer a hook, before all plugins and in this order."""
    hosting_of(app).handlers.append((name, handler))


def offer_owner(app: Flask, kind: OwnerKind) -> None:
    """Offer a kind of page owner that plugin addresses may name."""
    hosting_of(app).kinds.append(kind)


def offer_choices(app: Flask, table: str, choices: Choices) -> None:
    """Offer what people set, chose or granted about plugins for exports, under the name ``table``."""
    hosting_of(app).choices[table] = choices


def offer_type(app: Flask, core_type: CoreType) -> None:
    """Offer a type of the core, which plugins may extend and may not declare anew (M-15, M-25)."""
    hosting_of(app).types.append(core_type)


def offer_form(app: Flask, form: CoreForm) -> None:
    """Offer a form of the core, which plugins may extend by fields of its type (E-21)."""
    hosting_of(app).forms[form.name] = form


def core_types_of(app: Flask) -> CoreTypes:
    """Return the core's types; ValueError when two have the same name or alias."""
    return CoreTypes(hosting_of(app).types)
