"""URL rules that compile their builder on first use.

Werkzeug compiles two builders per rule when it is added, half a millisecond each; a swap adds
hundreds of rules of which few are ever built in one generation (engineering A7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


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
