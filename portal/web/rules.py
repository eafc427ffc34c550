"""URL rules that the generations of a process read once, and the converter ``key`` for keys of rows.

Werkzeug parses each rule when it is added and compiles two builders for it, half a millisecond each; a swap
adds hundreds of rules that the generation before had, too, and of which few are ever built (engineering A7).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import IntegerConverter, Map, Rule

#: Keys are 32-bit integers on PostgreSQL, which refuses to look for a longer number.
LARGEST_KEY = 2**31 - 1
#: How many addresses are kept parsed: those of a portal with some hundred plugins.
KEPT: Final = 4096


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


class SharedRule(LazyRule):
    """A rule that takes what its address means, and its builders, from whoever had that address before.

    Nothing of an app is in them. A rule with defaults, or on a map with converters of its own, is read for
    itself.
    """

    def compile(self) -> None:
        """Take the parts of the address over, or read them."""
        is_plain = not (self.defaults or self.subdomain or self.host)
        if not is_plain or self.map.converters != PortalMap.default_converters:
            super().compile()
            return
        address = _read_address(self.rule, bool(self.merge_slashes))
        self._parts, self._trace = address._parts, address._trace
        self._converters = address._converters
        self.arguments |= address.arguments
        self._build = address.build_own.__get__(self)
        self._build_unknown = address.build_any.__get__(self)


class _Address(LazyRule):
    """An address as a rule on a map of its own, with builders that take the rule that uses them."""

    build_own: Any
    build_any: Any

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        build = super()._compile_builder(append_unknown)
        if append_unknown:
            self.build_any = build
        else:
            self.build_own = build
        return build


@lru_cache(maxsize=KEPT)
def _read_address(rule: str, merge_slashes: bool) -> _Address:
    address = _Address(rule, endpoint="address", merge_slashes=merge_slashes)
    PortalMap([address])
    return address
