"""The specification of a hook: what it is called, what handlers get, and what they give back.

Each domain package declares its hooks as a tuple ``HOOKS`` in its own ``hooks.py``; the catalogue
collects them, and everything else (dispatch, reference, explorer) reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from portal.pluginengine.arguments import SO_FAR
from portal.pluginengine.seeds import MakeLink, ReadForm, SeedCall

HookKind = Literal["notify", "collect", "render", "check", "first"]
HookScope = Literal["site", "group", "user", "page"]

KINDS: tuple[HookKind, ...] = get_args(HookKind)
SCOPES: tuple[HookScope, ...] = get_args(HookScope)

#: Keywords of the dispatch methods and of the engine itself; no hook may have a parameter of that name.
RESERVED_PARAMETERS = frozenset({"also", "asked", "required", SO_FAR})

#: Hook names are words joined by underscores or dashes: seed 001 has dashes, seed 004 underscores.
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*\Z")


class HookSpecError(ValueError):
    """A hook is declared in a way that cannot work; the text names the hook and every fault."""


@dataclass(frozen=True, kw_only=True)
class HookSpec:
    """One hook, as the catalogue, the dispatcher and the hook reference see it.

    ``params`` maps the keyword parameters that a handler may name to their types in words;
    ``returns`` is the class (or classes) of one value of a collect or first hook, ``returns_text``
    the same in words; ``where`` says at which page or moment the hook fires, ``fired_in`` from
    which module, ``page`` on which page of the site one can see that: the name of its endpoint.
    ``now`` makes a notify hook call at once instead of after the commit.
    ``confidential`` says that an argument is a secret: of a failure, only the kinds of the errors
    and their places in the code are kept, because their texts may hold it.
    ``planned`` names the package that will fire the hook; it is None for a hook that is fired.

    ``seed_params`` are the names that seed 004 gives, in its order, None for a hook beyond its list;
    ``call_hook`` of a GForge plugin gets them, or what ``seed_call`` says, or else all parameters.
    ``seed_form`` reads a returned value of one of the ``seed_types`` in the form that the seed
    prescribes. ``link`` makes the hook one that ``links:`` in config.yml may name.

    Raises HookSpecError with all faults at once.
    """

    name: str
    kind: HookKind
    scope: HookScope
    where: str
    doc: str
    params: Mapping[str, str] = field(default_factory=dict)
    returns: type | tuple[type, ...] | None = None
    returns_text: str = ""
    since: str = "1.0"
    now: bool = False
    confidential: bool = False
    planned: str | None = None
    seed_params: tuple[str, ...] | None = None
    seed_call: SeedCall | None = None
    seed_form: ReadForm | None = None
    seed_types: tuple[type, ...] = (str,)
    link: MakeLink | None = None
    fired_in: str = ""
    page: str = ""

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise HookSpecError(f"The hook {self.name!r} is declared wrongly: {'; '.join(faults)}.")
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))
        if not self.returns_text:
            object.__setattr__(self, "returns_text", _returns_in_words(self))

    @property
    def return_types(self) -> tuple[type, ...]:
        """The classes that one returned value may have; empty when the hook gives none."""
        if self.returns is None:
            return ()
        return self.returns if isinstance(self.returns, tuple) else (self.returns,)

    def describe(self) -> dict[str, object]:
        """Return the specification as plain values, for ``portal hooks list --json`` and docs."""
        return {
            "name": self.name,
            "kind": self.kind,
            "scope": self.scope,
            "now": self.now,
            "params": dict(self.params),
            "seed_params": None if self.seed_params is None else list(self.seed_params),
            "seed_form": _first_line(self.seed_form),
            "returns": self.returns_text,
            "link": self.link is not None,
            "where": self.where,
            "fired_in": self.fired_in,
            "planned": self.planned,
            "since": self.since,
            "doc": self.doc,
        }


def _faults(spec: HookSpec) -> list[str]:
    """Every fault of a specification, in words."""
    rules = [
        (_NAME.match(spec.name), "the name must be lower-case words joined by _ or -"),
        (spec.kind in KINDS, f"the kind must be one of {', '.join(KINDS)}"),
        (spec.scope in SCOPES, f"the scope must be one of {', '.join(SCOPES)}"),
        (spec.doc.strip(), "doc must say what the hook is for"),
        (spec.where.strip(), "where must say at which page or moment it fires"),
        (not spec.now or spec.kind == "notify", "now belongs to notify hooks only"),
        (
            spec.scope not in ("group", "user") or spec.scope in spec.params,
            f"a hook of scope {spec.scope} needs a parameter {spec.scope}",
        ),
        (all(name.isidentifier() for name in spec.params), "parameter names must be identifiers"),
        (
            not RESERVED_PARAMETERS & set(spec.params),
            f"{', '.join(sorted(RESERVED_PARAMETERS))} are keywords of the dispatcher",
        ),
    ]
    return [text for holds, text in rules if not holds] + _return_faults(spec) + _seed_faults(spec)


def _return_faults(spec: HookSpec) -> list[str]:
    """What is wrong with the declared return value."""
    gives_values = spec.kind in ("collect", "first")
    if not gives_values and spec.returns is not None:
        return [f"a {spec.kind} hook declares no returns"]
    if gives_values and spec.returns is None and spec.planned is None:
        return [f"a {spec.kind} hook that is fired must declare the class that it returns"]
    if gives_values and not spec.returns_text and spec.returns is None:
        return ["returns_text must name the type while there is no class for it"]
    return []


def _seed_faults(spec: HookSpec) -> list[str]:
    """What is wrong with the declaration of how ``call_hook`` sees the hook."""
    call, known = spec.seed_call, set(spec.params)
    if call is not None:
        return [
            f"seed_call takes {name} from {source}, which is no parameter"
            for name, source in call.names.items()
            if source not in known
        ]
    if spec.planned is not None:
        return []
    return [
        f"the seed's parameter {name} is neither a parameter nor made by seed_call"
        for name in spec.seed_params or ()
        if name not in known
    ]


def _first_line(reader: ReadForm | None) -> str:
    """What a reader of returned text accepts, as its docstring begins."""
    return (getattr(reader, "__doc__", None) or "").strip().partition("\n")[0]


def _returns_in_words(spec: HookSpec) -> str:
    if spec.return_types:
        return " or ".join(cls.__name__ for cls in spec.return_types)
    return "markup" if spec.kind == "render" else "nothing"
