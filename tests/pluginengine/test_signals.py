"""Hook signals: what blinker documents holds, and the order is certain under every hash seed."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import blinker
import pytest

from portal.pluginengine.context import running_as
from portal.pluginengine.signals import HOST, LISTED, UNLISTED, HookNamespace, HookSignal, Place

ORDER_PROGRAM = """
import random, sys
from portal.pluginengine.signals import HOST, LISTED, UNLISTED, HookSignal, Place
signal = HookSignal("menu")
def receiver(name):
    return lambda sender, name=name: name
places = [(Place(LISTED, -number, sequence=number), f"row{number}") for number in range(400, 380, -1)]
places += [(Place(UNLISTED, text=f"Code{n}", sequence=n), f"code{n}") for n in range(5)]
places += [(Place(HOST, sequence=n), f"host{n}") for n in range(3)]
random.Random(int(sys.argv[1])).shuffle(places)
for place, name in places:
    signal.connect_at(place, receiver(name), None)
for n in range(5):
    signal.connect(receiver(f"late{n}"), weak=False)
print(" ".join(value for _, value in signal.send()))
"""


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What it returns, from a loop in a thread of its own: playwright's loop may run in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


@pytest.fixture
def signal() -> HookSignal:
    """A signal of a namespace of its own."""
    return HookNamespace().signal("menu", "Tabs.")


def recorder(calls: list[Any], name: str = "") -> Callable[..., str]:
    """A receiver that notes its sender and arguments."""

    def receiver(sender: object, /, **kwargs: object) -> str:
        calls.append((name, sender, kwargs))
        return name

    return receiver


def test_send_gives_sender_and_keywords_and_returns_receivers_with_values(
    signal: HookSignal,
) -> None:
    """Blinker: a list of (receiver, return value)."""
    calls: list[Any] = []
    receiver = recorder(calls, "one")
    assert signal.connect(receiver) is receiver
    assert signal.send("app", word="x") == [(receiver, "one")]
    assert calls == [("one", "app", {"word": "x"})]


def test_send_without_receivers_returns_an_empty_list(signal: HookSignal) -> None:
    """Blinker."""
    assert signal.send("app") == []
    assert not signal.receivers


def test_receivers_are_called_in_the_order_of_their_places(signal: HookSignal) -> None:
    """Design 5, Order: host, table by priority, rowless by code, then blinker's own connects."""
    names = ["connected", "rowless b", "rowless a", "low", "high", "host 2", "host 1"]
    places = [
        None,
        Place(UNLISTED, text="Beta", sequence=1),
        Place(UNLISTED, text="Alpha", sequence=2),
        Place(LISTED, 499, sequence=1),
        Place(LISTED, -500, sequence=9),
        Place(HOST, sequence=4),
        Place(HOST, sequence=3),
    ]
    for name, place in zip(names, places, strict=True):
        receiver = recorder([], name)
        if place is None:
            signal.connect(receiver, weak=False)
        else:
            signal.connect_at(place, receiver, None)
    assert [value for _, value in signal.send()] == list(reversed(names))


def test_connected_receivers_keep_the_order_of_connection(signal: HookSignal) -> None:
    """Design 5: receivers connected with blinker's own connect come in connection order."""
    receivers = [recorder([], str(number)) for number in range(50)]
    for receiver in receivers:
        signal.connect(receiver)
    signal.connect(receivers[0], sender="again")
    assert [value for _, value in signal.send("again")] == [str(number) for number in range(50)]


def test_a_receiver_that_comes_back_stands_last(signal: HookSignal) -> None:
    """Connection order means the connection that holds."""
    first, second = recorder([], "first"), recorder([], "second")
    signal.connect(first)
    signal.connect(second)
    signal.disconnect(first)
    signal.connect(first)
    assert [value for _, value in signal.send()] == ["second", "first"]


def test_weak_receivers_vanish_and_strong_ones_stay(signal: HookSignal) -> None:
    """Blinker holds receivers weakly unless told otherwise."""
    signal.connect(recorder([], "weak"))
    signal.connect(recorder([], "strong"), weak=False)
    gc.collect()
    assert [value for _, value in signal.send()] == ["strong"]
    assert len(signal.receivers) == 1


def test_a_weak_bound_method_lives_as_long_as_its_object(signal: HookSignal) -> None:
    """Blinker tracks methods by function and instance."""

    class Listener:
        def hear(self, sender: object) -> str:
            return "heard"

    listener = Listener()
    signal.connect(listener.hear)
    gc.collect()
    assert [value for _, value in signal.send()] == ["heard"]
    del listener
    gc.collect()
    assert signal.send() == []


def test_sender_filtering_holds_for_objects_and_equal_strings(signal: HookSignal) -> None:
    """Blinker: receivers of a sender, besides those of ANY."""
    app, other = object(), object()
    everyone, only_app, only_text = (recorder([], name) for name in ("any", "app", "text"))
    signal.connect(everyone, sender=blinker.ANY)
    signal.connect(only_app, sender=app)
    signal.connect(only_text, sender="text")
    assert [value for _, value in signal.send(app)] == ["any", "app"]
    assert [value for _, value in signal.send(other)] == ["any"]
    assert [value for _, value in signal.send("te" + "xt")] == ["any", "text"]
    assert list(signal.receivers_for(app)) == [everyone, only_app]
    assert list(signal.receivers_for(blinker.ANY)) == [everyone]


def test_a_dead_sender_takes_its_connections_with_it(signal: HookSignal) -> None:
    """Blinker cleans up after senders that can be referenced weakly."""

    class Sender: ...

    sender = Sender()
    receiver = recorder([], "one")
    signal.connect(receiver, sender=sender)
    assert signal.has_receivers_for(sender)
    del sender
    gc.collect()
    assert not signal._weak_senders
    assert signal.send(Sender()) == []


def test_has_receivers_for_knows_any_and_one_sender(signal: HookSignal) -> None:
    """Blinker."""
    app = object()
    assert not signal.has_receivers_for(app)
    receiver = recorder([])
    signal.connect(receiver, sender=app)
    assert signal.has_receivers_for(app)
    assert not signal.has_receivers_for(object())
    assert not signal.has_receivers_for(blinker.ANY)
    signal.connect(receiver)
    assert signal.has_receivers_for(object())
    assert signal.has_receivers_for(blinker.ANY)


def test_disconnect_takes_away_one_sender_or_all(signal: HookSignal) -> None:
    """Blinker: by default from all senders."""
    one, two = object(), object()
    receiver = recorder([], "x")
    signal.connect(receiver, sender=one)
    signal.connect(receiver, sender=two)
    signal.disconnect(receiver, sender=one)
    assert signal.send(one) == []
    assert len(signal.send(two)) == 1
    signal.disconnect(receiver)
    assert signal.send(two) == []
    signal.disconnect(receiver)


def test_connect_via_connects_strongly_and_returns_the_function(signal: HookSignal) -> None:
    """Blinker."""

    @signal.connect_via("app")
    def receiver(sender: object) -> str:
        return "via"

    assert signal.send("app") == [(receiver, "via")]
    assert signal.send("other") == []


def test_connected_to_holds_for_the_block_also_when_it_raises(signal: HookSignal) -> None:
    """Blinker."""
    calls: list[Any] = []

    def send_and_fail() -> None:
        with signal.connected_to(recorder(calls), sender="app"):
            signal.send("app")
            signal.send("other")
            raise LookupError

    with pytest.raises(LookupError):
        send_and_fail()
    signal.send("app")
    assert len(calls) == 1
    assert not signal.receivers


def test_muted_signal_calls_nobody(signal: HookSignal) -> None:
    """Blinker."""
    calls: list[Any] = []
    receiver = recorder(calls)
    signal.connect(receiver)
    with signal.muted():
        assert signal.is_muted
        assert signal.send("app") == []
    assert not signal.is_muted
    signal.send("app")
    assert len(calls) == 1


def test_an_exception_in_a_receiver_propagates_from_send(signal: HookSignal) -> None:
    """Blinker: isolation is the dispatcher's, not the signal's."""

    def broken(sender: object) -> None:
        raise LookupError("broken")

    calls: list[Any] = []
    after = recorder(calls)
    signal.connect(broken)
    signal.connect(after)
    with pytest.raises(LookupError):
        signal.send()
    assert calls == []


def test_connecting_and_disconnecting_are_themselves_signals(signal: HookSignal) -> None:
    """Blinker: receiver_connected and receiver_disconnected carry the arguments."""
    seen: list[Any] = []
    connected, disconnected = recorder(seen, "on"), recorder(seen, "off")
    signal.receiver_connected.connect(connected)
    signal.receiver_disconnected.connect(disconnected)
    receiver = recorder([])
    signal.connect(receiver, sender="app", weak=False)
    signal.disconnect(receiver, sender="app")
    assert seen == [
        ("on", signal, {"receiver": receiver, "sender": "app", "weak": False}),
        ("off", signal, {"receiver": receiver, "sender": "app"}),
    ]


def test_coroutines_need_a_wrapper_in_send_and_none_in_send_async(signal: HookSignal) -> None:
    """Blinker: send_async awaits in order; plain receivers need a wrapper there."""

    async def receiver(sender: object) -> str:
        return "awaited"

    signal.connect(receiver)
    with pytest.raises(RuntimeError, match="coroutine"):
        signal.send()
    assert finished(signal.send_async()) == [(receiver, "awaited")]
    wrapped = signal.send(_async_wrapper=lambda function: lambda *a: finished(function(*a)))
    assert wrapped == [(receiver, "awaited")]
    plain = recorder([], "plain")
    signal.connect(plain)
    with pytest.raises(RuntimeError, match="non-coroutine"):
        finished(signal.send_async())


def test_what_cannot_be_referenced_weakly_is_refused_and_leaves_nothing(signal: HookSignal) -> None:
    """Blinker raises TypeError; our bookkeeping must not keep a ghost."""
    with pytest.raises(TypeError):
        signal.connect(len.__call__)
    assert not signal.receivers
    assert not signal._places


def test_the_same_name_is_the_same_signal_and_namespaces_are_apart() -> None:
    """Blinker's Namespace; one per app, so that a swapped-out app takes its handlers with it."""
    namespace = HookNamespace()
    first = namespace.signal("menu", "Tabs.")
    assert namespace.signal("menu") is first
    assert namespace["menu"] is first
    assert first.name == "menu"
    assert first.__doc__ == "Tabs."
    assert isinstance(first, blinker.NamedSignal)
    assert "menu" in repr(first)
    assert HookNamespace().signal("menu") is not first


def test_the_revision_tells_of_every_change(signal: HookSignal) -> None:
    """Lists derived from the signal must know when they are stale."""
    revisions = [signal.revision]

    def changed() -> bool:
        revisions.append(signal.revision)
        return revisions[-1] > revisions[-2]

    receiver = recorder([])
    signal.connect(receiver)
    assert changed()
    with signal.muted():
        assert changed()
    assert changed()
    signal.disconnect(receiver)
    assert changed()
    signal.connect(recorder([]))
    gc.collect()
    assert changed()
    signal._clear_state()
    assert changed()


def test_a_connection_knows_the_plugin_whose_code_made_it(signal: HookSignal) -> None:
    """So that the scope of a plugin holds also for what it connects by itself."""
    with running_as("alpha"):
        signal.connect(recorder([]), weak=False)
    signal.connect(recorder([]), weak=False)
    assert [one.plugin for one in signal.connections_for(None)] == ["alpha", None]


def orders_under(seeds: range) -> set[str]:
    """What the program prints under each hash seed, with as many shuffles of the registration."""
    printed = set()
    for seed in seeds:
        done = subprocess.run(
            [sys.executable, "-c", ORDER_PROGRAM, str(seed)],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        )
        printed.add(done.stdout.strip())
    return printed


def test_the_order_is_the_same_under_five_hash_seeds_and_shuffled_registration() -> None:
    """Design 5: the same in every process, under every hash seed."""
    (order,) = orders_under(range(5))
    names = order.split()
    assert names[:4] == ["host0", "host1", "host2", "row400"]
    assert names[-6:] == ["code4", "late0", "late1", "late2", "late3", "late4"]


@pytest.mark.slow
def test_the_order_is_the_same_under_twenty_hash_seeds() -> None:
    """The whole of it, for `make check-slow`."""
    assert len(orders_under(range(20))) == 1
