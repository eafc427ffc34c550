"""The thread of a process that writes what it has gathered, and what follows from it (design 8).

Every few seconds: the last words of processes of this host that have died, the figures of this one into
the tables, and a quarantine where a plugin has failed too often, whichever worker saw it fail.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event, Thread
from typing import Final

from flask import Flask
from sqlalchemy.engine import Engine

from portal.pluginengine.errors import Refused
from portal.pluginengine.health import HealthLog
from portal.pluginengine.health.marker import FOLDER, last_words
from portal.pluginengine.health.places import DEATH
from portal.pluginengine.health.writing import write
from portal.pluginengine.lifecycle.quarantining import Rule, quarantine_all
from portal.pluginengine.state import has_tables

logger = logging.getLogger(__name__)

SECONDS: Final = 3.0

AppSource = Callable[[], AbstractContextManager[Flask]]


class Gathering:
    """Writes the health of one process, and quarantines by ``rule``; nothing it meets ends it."""

    def __init__(
        self, engine: Engine, health: HealthLog, var: Path, rule: Rule, seconds: float = SECONDS
    ) -> None:
        self._engine = engine
        self._health = health
        self._folder = var / FOLDER
        self._rule = rule
        self._seconds = seconds
        self._is_to_judge = False
        self._stop = Event()
        self._thread: Thread | None = None

    def prepare(self, build: Callable[[], Flask]) -> None:
        """Before a process builds its app: keep its marks, and hear those of the dead.

        A plugin that has ended two workers while they were starting is quarantined here, before it can
        end a third. ``build`` gives an app without plugins; it is asked only when somebody has died.
        """
        self._health.marker.open(self._folder)
        if self._hear():
            try:
                with self._engine.connect() as connection:
                    is_ready = has_tables(connection)
                if is_ready:
                    self._settle(build())
            except Exception:
                logger.exception("What ended the last worker could not be written; starting anyway")

    def start(self, newest: AppSource) -> None:
        """Begin, once this process answers requests or runs jobs: after any fork."""
        self._health.marker.open(self._folder)
        self._thread = Thread(target=self._run, args=(newest,), name="portal-health", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what there is, and end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._health.marker.close()

    def _run(self, newest: AppSource) -> None:
        while not self._stop.wait(self._seconds):
            self.look(newest)
        self.look(newest)

    def look(self, newest: AppSource) -> None:
        """Write, and quarantine where that is due; what fails is logged and comes round again."""
        try:
            self._hear()
            if self._is_to_judge or self._health.unwritten():
                with newest() as app:
                    self._settle(app)
        except Refused as refusal:
            logger.info("The quarantine comes round again: %s", refusal)
        except Exception:
            logger.exception("The health of plugins could not be written; the next look follows")

    def _settle(self, app: Flask) -> None:
        self._is_to_judge = self._is_to_judge or bool(self._health.unwritten().failures)
        write(self._engine, self._health)
        if self._is_to_judge:
            with app.app_context():
                for outcome in quarantine_all(self._rule):
                    logger.error("%s", outcome.message)
            self._is_to_judge = False

    def _hear(self) -> bool:
        """Make incidents of what died processes were running; tell whether there was any."""
        found = False
        for words in last_words(self._folder):
            found = True
            place = f"{words.hook} {words.handler}".strip()
            incident = self._health.record_text(
                words.plugin,
                DEATH,
                place,
                "",
                (f"A worker ended while this was running: {place}.", ""),
                weight=self._rule.weight_of_death,
            )
            logger.error(
                "The worker with process number %s ended while %s of the plugin %s was running (incident %s)",
                words.pid,
                place,
                words.plugin,
                incident.id,
                extra={"plugin": words.plugin, "incident": incident.id},
            )
        return found
