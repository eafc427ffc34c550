"""What stands around a handler's call: the promise that the host makes, and its empty form.

The engine does not know sessions; whoever builds the app hands in a fence that guards them
(spec/engineering.md A2 and A4).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol

from portal.pluginengine.hooks import HookKind

#: Gives the block in which the next handler runs, that of the plugin with this handle.
Around = Callable[[str], AbstractContextManager[None]]


class Fence(Protocol):
    """Wraps each call of a plugin's handler; never asked when a hook has no plugin handler.

    It is asked once a firing, so that what is looked at before and after is looked at once for all.

    Leaving the block by an exception lets the fence repair what the handler broke (it must not
    swallow the exception); raising on the way out turns a handler that looked well-behaved into
    a failed one, whose contribution is dropped.
    """

    def firing(self, kind: HookKind) -> Around:
        """Return what gives the blocks of one firing, for one handler after the other."""


class NullFence:
    """No fence at all: for pure tests and for hooks fired where no database is."""

    def firing(self, kind: HookKind) -> Around:
        """Return what gives a block that does nothing."""
        return lambda plugin: _OPEN


class _Open:
    """A block that does nothing, cheaper than ``nullcontext()`` made anew for each call."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


_OPEN = _Open()
