"""The swap: a fresh app is built beside the old one and takes over between two requests (design 1.5).

Flask refuses new routes after the first request, so nothing is ever changed in a running app. A thread,
started after the fork, looks for a new generation; requests in flight finish on the app they began with.
A second thread tells the other workers which generation is in use here.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.cookies import CookieError, SimpleCookie
from threading import Event, Lock, Thread
from typing import Any, Protocol

from flask import Flask
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from werkzeug.wsgi import ClosingIterator

from portal.core.transactions import transaction_mode
from portal.pluginengine.passages import Passage, Passages, current_passage
from portal.pluginengine.runtime import Builder
from portal.pluginengine.state import SiteState, has_tables, read_generation, read_state
from portal.pluginengine.workers import WorkerReport

logger = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005


def load_state(engine: Engine) -> SiteState:
    """Read the committed state in a short read-only transaction; an empty one before the migrations."""
    token = transaction_mode.set("read")
    try:
        with engine.connect() as connection:
            return read_state(connection) if has_tables(connection) else SiteState()
    finally:
        transaction_mode.reset(token)


def load_generation(engine: Engine) -> int:
    """Read the committed generation in a short read-only transaction of its own."""
    token = transaction_mode.set("read")
    try:
        with engine.connect() as connection:
            return read_generation(connection)
    finally:
        transaction_mode.reset(token)


@contextmanager
def _going_on(work: str) -> Iterator[None]:
    """Log what fails, and go on: each piece of work of the watch is done again soon."""
    try:
        yield
    except OperationalError:
        # A database that is busy for a moment is no fault of the site.
        logger.warning("The %s has to wait", work, exc_info=True)
    except Exception:
        logger.exception("The %s failed; the next follows", work)


class Beside(Protocol):
    """What works beside the watch of a worker, in a thread of its own."""

    def start(self, newest: Callable[[], AbstractContextManager[Flask]]) -> None:
        """Begin; ``newest`` gives the app of today to a piece of work."""

    def stop(self) -> None:
        """End."""


class ReloadableApp:
    """The WSGI callable of a worker: the current generation, and the watch for the next.

    ``build`` makes an app from a state; ``after_swap`` is told the new app once nothing passes through an
    older one (to drop what only these used); ``cookie`` names the cookie that carries the generation a
    visitor has seen made.
    ``mend``, called with the app as long as an operation keeps a plugin silent, puts things in order when
    the process of that operation has died. ``sources``, given in development, tells what the plugins'
    code is like: when it changes, the same state is built anew. ``beside`` works as long as the watch does.
    """

    def __init__(  # noqa: PLR0913 - the composition root names each part that it hands in
        self,
        *,
        engine: Engine,
        build: Builder,
        poll_seconds: float,
        cookie: str,
        after_swap: Callable[[Flask], None] | None = None,
        mend: Callable[[Flask], object] | None = None,
        sources: Callable[[], object] | None = None,
        beside: Beside | None = None,
    ) -> None:
        self._engine = engine
        self._build = build
        self._poll_seconds = poll_seconds
        self._cookie = cookie
        self._after_swap = after_swap
        self._mend = mend
        self._beside = beside
        self._sources = sources or (lambda: None)
        self._passages = Passages()
        self._report = WorkerReport(engine)
        self._turn = Lock()
        self._swapping = Lock()
        self._starting = Lock()
        self._stop = Event()
        self._news = Event()
        self._watch: Thread | None = None
        self._teller: Thread | None = None
        self._built_from = self._sources()
        state = load_state(engine)
        self._holds = bool(state.held)
        self._has_past = False
        self.generation = state.generation
        self.app = build(state)
        gc.collect()
        gc.freeze()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request on the current generation, which is at least the one the visitor has seen."""
        self.start_watch()
        wanted = self._wanted(environ)
        if wanted > self.generation:
            self._catch_up(wanted)
        app, passage = self._enter()
        token = current_passage.set(passage)
        try:
            answer = app(environ, start_response)
        except BaseException:
            passage.leave()
            raise
        finally:
            current_passage.reset(token)
        return ClosingIterator(answer, passage.leave)

    @contextmanager
    def newest(self) -> Iterator[Flask]:
        """Catch up with the site, and give the app of today to a piece of work that is no request."""
        self.refresh()
        app, passage = self._enter()
        token = current_passage.set(passage)
        try:
            yield app
        finally:
            current_passage.reset(token)
            passage.leave()

    def stop(self) -> None:
        """End the watch; for tests and orderly ends."""
        self._stop.set()
        self._news.set()
        if self._beside is not None:
            self._beside.stop()
        if self._watch is not None and self._teller is not None:
            self._watch.join(timeout=5)
            self._teller.join(timeout=5)
            try:
                self._report.take_leave()
            except Exception:
                logger.exception("The end of this worker could not be told to the others")

    def _enter(self) -> tuple[Flask, Passage]:
        with self._turn:
            return self.app, self._passages.enter(self.generation)

    def refresh(self) -> bool:
        """Swap when the database has another generation, or the sources have changed; tell whether it did."""
        if self._is_current(load_generation(self._engine), self._sources()):
            return False
        with self._swapping:
            state, sources = load_state(self._engine), self._sources()
            if self._is_current(state.generation, sources):
                return False
            self._swap(state)
            self._built_from = sources
        return True

    def _is_current(self, generation: int, sources: object) -> bool:
        return generation == self.generation and sources == self._built_from

    def _swap(self, state: SiteState) -> None:
        before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)  # requests that run beside the build stay quick (A9)
        try:
            app = self._build(state)
        finally:
            sys.setswitchinterval(before)
        with self._turn:
            self.app, self.generation = app, state.generation
        self._holds = bool(state.held)
        gc.unfreeze()
        self._engine.clear_compiled_cache()  # its keys hold the old generation's tables (A8)
        self._has_past = True
        self._leave_past()
        gc.collect()
        gc.freeze()
        logger.info(
            "Generation %s has taken over", state.generation, extra={"generation": state.generation}
        )

    def _leave_past(self) -> None:
        """Let go of what older generations used once nothing passes through them; under ``_swapping``."""
        if self._has_past and self._oldest() == self.generation:
            self._has_past = False
            if self._after_swap is not None:
                self._after_swap(self.app)

    def _catch_up(self, wanted: int) -> None:
        """Bring the visitor's generation up before answering; a made-up number costs one small query."""
        try:
            if load_generation(self._engine) > self.generation:
                self.refresh()
        except Exception:
            logger.exception(
                "Generation %s could not be brought up; answering with %s", wanted, self.generation
            )

    def _wanted(self, environ: dict[str, Any]) -> int:
        text = environ.get("HTTP_COOKIE", "")
        if self._cookie not in text:
            return 0
        try:
            morsel = SimpleCookie(text).get(self._cookie)
        except CookieError:
            return 0
        value = morsel.value if morsel else ""
        return int(value) if value.isdecimal() and len(value) < 10 else 0

    def start_watch(self) -> None:
        """On the first request, after the fork: catch up with what happened since the start, then watch."""
        if self._is_watching():
            return
        with self._starting:
            if not self._is_watching():
                self._look()
                self._tell()  # known to the others before the first answer
                self._teller = Thread(target=self._keep_telling, name="portal-report", daemon=True)
                self._teller.start()
                self._watch = Thread(
                    target=self._keep_looking, name="portal-generation", daemon=True
                )
                self._watch.start()
                if self._beside is not None:
                    self._beside.start(self.newest)

    def _is_watching(self) -> bool:
        """Tell whether this process does: one that was forked from one that watches does not yet."""
        return self._stop.is_set() or (self._watch is not None and self._watch.is_alive())

    def _keep_looking(self) -> None:
        while not self._stop.wait(self._poll_seconds):
            self._look()

    def _look(self) -> None:
        """Swap when there is something new. It only reads: a database busy writing cannot make it late."""
        with _going_on("look for a new generation"):
            self.refresh()
            with self._swapping:
                self._leave_past()
        self._news.set()

    def _keep_telling(self) -> None:
        """Write what the watch has seen, in a thread of its own: a write may have to wait for others."""
        while not self._stop.is_set():
            self._news.wait()
            self._news.clear()
            if not self._stop.is_set():
                self._tell()

    def _tell(self) -> None:
        with _going_on("report of this worker"):
            if self._holds and self._mend is not None:
                self._mend(self.app)
            if self.generation:  # there are tables
                self._report.tell(self._oldest())

    def _oldest(self) -> int:
        """Return the oldest generation that this worker still answers with."""
        with self._turn:
            oldest = self._passages.oldest()
            return self.generation if oldest is None else min(oldest, self.generation)
