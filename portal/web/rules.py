"""URL rules that compile their builder on first use, and the converter ``key`` for keys of rows.

Werkzeug compiles two builders per rule when it is added, half a millisecond each; a swap adds
hundreds of rules of which few are ever built in one generation (engineering A7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import IntegerConverter, Map, Rule

#: Keys are 32-bit integers on PostgreSQL, which refuses to look for a longer number.
LARGEST_KEY = 2**31 - 1


class KeyConverter(IntegerConverter):
    """``<key:role_id>``: the key of a row; a longer number is no address of ours (404)."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_KEY)


class PortalMap(Map):
    """The rules of one app; its converters are known to every rule, also a plugin's."""

    default_converters = ImmutableDict({**Map.default_converters, "key": KeyConverter})


class LazyRule(Rule):
    """A Werkzeug rule whose builder is compiled by the first ``url_for`` that needs it."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: Callable[..., tuple[str, str]] | None = None
        compile_now = super()._compile_builder

        def build(rule: LazyRule, **values: Any) -> tuple[str, str]:
            nonlocal compiled
            if compiled is None:
                compiled = compile_now(append_unknown)
            return compiled(rule, **values)

        return build
