"""Background work from `defer` to the worker, over SQLite and over PostgreSQL."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace

import pytest
from flask import Flask

from portal import jobs
from portal.config import Settings
from portal.core.clock import frozen, now
from portal.core.transactions import transaction_mode
from portal.core.unit_of_work import unit_of_work
from portal.jobs.deferral import defer, job, register_jobs
from portal.jobs.heartbeat import DEAD_AFTER, beat, farewell, last_heartbeat
from portal.jobs.queue import JobQueue, open_huey
from portal.jobs.registry import CORE, JobRegistry
from portal.jobs.worker import JobRunner
from portal.pluginengine.health import HealthLog


class Sample:
    """What a plugin object looks like to the jobs package."""

    handle = "sample"

    def __init__(self, note: Callable[[object], None]) -> None:
        self._note = note

    @job()
    def sync(self, group_id: int) -> None:
        """Note what it was called with, and in which transaction."""
        self._note((group_id, transaction_mode.get()))


@pytest.fixture
def notes() -> list[object]:
    return []


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def queue_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings whose queue lies in either storage; the site's tables are not needed."""
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    secret = "a secret of the tests, long enough to be one"
    environ = {"PORTAL_VAR": str(tmp_path), "DATABASE_URL": url, "PORTAL_SECRET_KEY": secret}
    return Settings.load(environ)


@pytest.fixture
def generation(queue_settings: Settings, notes: list[object]) -> Iterator[Flask]:
    """An app with jobs and nothing else."""
    app = Flask("generation")
    app.extensions["portal.settings"] = queue_settings
    app.extensions["portal.engine"] = SimpleNamespace(health=HealthLog())
    jobs.init_app(app, JobQueue(app.extensions["portal.settings"]))
    registry = app.extensions["portal.jobs"].registry
    registry.add(CORE, "note", lambda **payload: notes.append(payload))
    register_jobs(registry, Sample(notes.append))
    yield app
    app.extensions["portal.jobs"].queue.close()


@pytest.fixture
def worker(queue_settings: Settings, generation: Flask) -> Iterator[JobQueue]:
    """The worker's end of the queue."""
    queue = JobQueue(queue_settings, JobRunner(lambda: nullcontext(generation)))
    yield queue
    queue.close()


def run_all(worker: JobQueue) -> int:
    """Run what waits in the queue, as a worker does; return how many jobs that were."""
    count = 0
    while worker.size():
        worker.huey.execute(worker.huey.dequeue())
        count += 1
    return count


def test_a_deferred_job_runs_in_the_worker(
    generation: Flask, worker: JobQueue, notes: list[object]
) -> None:
    with generation.app_context(), unit_of_work("write"):
        defer(CORE, "note", group_id=1)
    assert run_all(worker) == 1
    assert notes == [{"group_id": 1}]


def test_nothing_is_enqueued_before_the_commit(generation: Flask, worker: JobQueue) -> None:
    """Engineering A11: enqueue only after commit."""
    with generation.app_context(), unit_of_work("write"):
        defer(CORE, "note")
        assert worker.size() == 0
    assert worker.size() == 1


def test_a_roll_back_takes_the_job_with_it(generation: Flask, worker: JobQueue) -> None:
    def fail_after_deferring() -> None:
        with generation.app_context(), unit_of_work("write"):
            defer(CORE, "note")
            raise LookupError

    with pytest.raises(LookupError):
        fail_after_deferring()
    assert worker.size() == 0


def test_a_marked_method_runs_now_when_called_and_later_when_deferred(
    generation: Flask, worker: JobQueue, notes: list[object]
) -> None:
    sample = Sample(notes.append)
    with generation.app_context(), unit_of_work("read"):
        sample.sync(group_id=1)
        sample.sync.defer(group_id=2)
    run_all(worker)
    assert notes == [(1, "read"), (2, "write")]


def test_a_job_that_the_generation_lost_is_dropped_and_logged(
    generation: Flask, worker: JobQueue, notes: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """Design 1.4: what is off contributes nothing, its jobs included."""
    with caplog.at_level(logging.WARNING):
        generation.extensions["portal.jobs"].queue.enqueue("gone", "sync", "{}")
        run_all(worker)
    assert "gone:sync is not offered any more" in caplog.text


def test_deferring_an_unknown_job_is_refused_at_once(generation: Flask) -> None:
    with (
        generation.app_context(),
        unit_of_work("write"),
        pytest.raises(LookupError, match="core:other"),
    ):
        defer(CORE, "other")


def test_a_payload_must_be_json(generation: Flask) -> None:
    with generation.app_context(), unit_of_work("write"), pytest.raises(TypeError):
        defer(CORE, "note", when=now())


def test_a_message_that_the_site_did_not_sign_is_not_unpickled(
    queue_settings: Settings, generation: Flask, worker: JobQueue
) -> None:
    storage = worker.huey.storage
    storage.enqueue(b"cos\nsystem\n(S'true'\ntR.:0000")
    with pytest.raises(ValueError, match=r"[Ss]ignature"):
        worker.huey.dequeue()


def test_two_queues_of_one_process_do_not_disturb_each_other(queue_settings: Settings) -> None:
    """Engineering A11: a swap makes a second app in the same process."""
    first, second = JobQueue(queue_settings), JobQueue(queue_settings)
    first.enqueue(CORE, "note", "{}")
    second.enqueue(CORE, "note", "{}")
    assert first.size() == second.size() == 2
    first.close()
    second.close()


def test_a_heartbeat_tells_that_the_worker_lives_until_it_says_farewell(worker: JobQueue) -> None:
    assert last_heartbeat(worker.huey) is None
    beat(worker.huey)
    last = last_heartbeat(worker.huey)
    assert last is not None
    assert last.is_alive
    with frozen(last.at + DEAD_AFTER + timedelta(seconds=1)):
        assert not last.is_alive
    farewell(worker.huey)
    assert last_heartbeat(worker.huey) is None


def test_a_job_name_is_taken_once() -> None:
    registry = JobRegistry()
    registry.add(CORE, "note", print)
    with pytest.raises(ValueError, match="core:note"):
        registry.add(CORE, "note", print)


def test_processes_that_open_the_queue_at_once_make_its_tables_once(
    queue_settings: Settings,
) -> None:
    """Web workers and the worker start together on a database that has no queue yet."""
    start = Barrier(4)

    def open_and_count() -> int:
        start.wait()
        huey = open_huey(queue_settings)
        try:
            return int(huey.pending_count())
        finally:
            huey.storage.close()

    with ThreadPoolExecutor(4) as pool:
        sizes = [pool.submit(open_and_count) for _ in range(4)]
    assert [size.result() for size in sizes] == [0, 0, 0, 0]
