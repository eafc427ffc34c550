"""Blinker's signals with an order: what blinker documents holds, and the sequence is certain.

Blinker leaves the order of receivers undefined. Here each receiver has a place: host handlers in
declaration order, the handler table by priority, plugin handlers without a row, then whatever was
connected by blinker's own ``connect``, in connection order (design 5, P-01, P-07).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from blinker import ANY, NamedSignal, Namespace
from blinker._utilities import make_id  # the one private name: receivers are keyed by it
from blinker.base import ANY_ID

from portal.pluginengine.context import current_plugin

Receiver = Callable[..., Any]
R = TypeVar("R", bound=Receiver)


class Place(NamedTuple):
    """Where a receiver stands; places compare as tuples and never tie within a signal."""

    rank: int
    number: int = 0
    text: str = ""
    sequence: int = 0


HOST, LISTED, UNLISTED, CONNECTED = range(4)


@dataclass(frozen=True, slots=True)
class Connection:
    """One receiver as the dispatcher needs it.

    ``receiver`` is the callable, or a weak reference to it when it was connected weakly: whoever
    keeps a Connection must not keep a weak receiver alive. ``plugin`` is the plugin whose code
    was running when it was connected, None for the host and for tests.
    """

    receiver: Receiver | weakref.ref[Receiver]
    place: Place
    plugin: str | None


class HookSignal(NamedSignal):
    """A named blinker signal whose receivers are called in a certain order.

    ``revision`` grows with every change of who would be called (connect, disconnect, a weak
    receiver's end, muting), so that lists derived from the signal know when they are stale.
    """

    def __init__(self, name: str, doc: str | None = None) -> None:
        self.revision = 0
        self._places: dict[Any, Place] = {}
        self._plugins: dict[Any, str | None] = {}
        self._sequence = 0
        self._muted = False
        super().__init__(name, doc)

    # -- muting ----------------------------------------------------------------------------------
    # Blinker's muted() assigns ``is_muted``; as a property the assignment is seen.

    @property
    def is_muted(self) -> bool:
        """Whether sends are ignored for the moment."""
        return self._muted

    @is_muted.setter
    def is_muted(self, value: bool) -> None:
        self._muted = value
        self.revision += 1

    # -- connecting ------------------------------------------------------------------------------

    def next_sequence(self) -> int:
        """Return a number greater than all before: the tie-breaker of declaration order."""
        self._sequence += 1
        return self._sequence

    def connect_at(self, place: Place, receiver: R, plugin: str | None) -> R:
        """Connect strongly, for every sender, at a certain place: how the engine connects."""
        self._remember(receiver, place, plugin)
        return super().connect(receiver, weak=False)

    def connect(self, receiver: R, sender: Any = ANY, weak: bool = True) -> R:
        """Connect as blinker does; the receiver stands after all handlers of the engine.

        A receiver that is already connected, for another sender too, keeps its place.
        """
        receiver_id = make_id(receiver)
        if not self._by_receiver.get(receiver_id):
            place = Place(CONNECTED, sequence=self.next_sequence())
            self._remember(receiver, place, current_plugin.get())
        self.revision += 1
        try:
            return super().connect(receiver, sender, weak)
        except BaseException:
            if receiver_id not in self.receivers:
                self._forget(receiver_id)
            raise

    def _remember(self, receiver: Receiver, place: Place, plugin: str | None) -> None:
        receiver_id = make_id(receiver)
        self._places[receiver_id] = place
        self._plugins[receiver_id] = plugin
        self.revision += 1

    def _forget(self, receiver_id: Any) -> None:
        self._places.pop(receiver_id, None)
        self._plugins.pop(receiver_id, None)
        self.revision += 1

    def _disconnect(self, receiver_id: Any, sender_id: Any) -> None:
        """Blinker's single way out: explicit disconnects and dying weak receivers alike."""
        super()._disconnect(receiver_id, sender_id)
        if receiver_id not in self.receivers:
            self._forget(receiver_id)
        self.revision += 1

    def _clear_state(self) -> None:
        super()._clear_state()
        self._places.clear()
        self._plugins.clear()
        self.revision += 1

    # -- reading ---------------------------------------------------------------------------------

    def receivers_for(self, sender: Any) -> Generator[Receiver, None, None]:
        """Yield the live receivers for ``sender`` and for ANY, in order."""
        for connection in self.connections_for(sender):
            receiver = connection.receiver
            if isinstance(receiver, weakref.ref):
                strong = receiver()
                if strong is not None:
                    yield strong
            else:
                yield receiver

    def connections_for(self, sender: Any) -> Iterator[Connection]:
        """Yield who would be called for ``sender``, in order, without keeping weak ones alive."""
        if not self.receivers:
            return
        ids = self._by_sender[ANY_ID] | self._by_sender.get(make_id(sender), set())
        for receiver_id in sorted(ids, key=self._place_of):
            receiver = self.receivers.get(receiver_id)
            if receiver is not None:
                plugin = self._plugins.get(receiver_id)
                yield Connection(receiver, self._place_of(receiver_id), plugin)

    def _place_of(self, receiver_id: Any) -> Place:
        return self._places.get(receiver_id, Place(CONNECTED))


class HookNamespace(Namespace):
    """The signals of one app, by hook name; a swapped-out app takes its signals with it."""

    def signal(self, name: str, doc: str | None = None) -> HookSignal:
        """Return the signal of that name, made on the first call."""
        found = self.get(name)
        if not isinstance(found, HookSignal):
            found = self[name] = HookSignal(name, doc)
        return found
