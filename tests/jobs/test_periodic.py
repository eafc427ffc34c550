"""Work that comes round: once a slot, however many workers look; the core's own upkeep."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select

from portal.app import create_app
from portal.config import Settings
from portal.core.clock import frozen
from portal.core.database import db
from portal.core.mail.models import SENT, OutboxMail
from portal.core.mail.transports import FileTransport, SmtpTransport
from portal.core.unit_of_work import unit_of_work
from portal.jobs.periodic import MINUTE, PeriodicThread, add_periodic, enqueue_due
from portal.jobs.queue import JobQueue
from portal.jobs.registry import jobs_of
from portal.jobs.upkeep import transport_for
from portal.jobs.worker import JobRunner
from portal.web.mails import compose

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def rounds(app: Flask) -> list[str]:
    """What ran; the app's only periodic work, every minute."""
    ran: list[str] = []
    jobs_of(app).periodic.clear()
    add_periodic(app, "count", MINUTE, lambda: ran.append("round"))
    return ran


@pytest.fixture
def worker(settings: Settings, app: Flask) -> Iterator[JobQueue]:
    """A worker's end of the queue."""
    queue = JobQueue(settings, JobRunner(lambda: nullcontext(app)))
    yield queue
    queue.close()


@pytest.fixture
def other(settings: Settings) -> Iterator[JobQueue]:
    """The queue as a worker on another host has it."""
    queue = JobQueue(settings)
    yield queue
    queue.close()


def run_all(worker: JobQueue) -> None:
    """Run what waits, as the worker does."""
    while worker.size():
        worker.huey.execute(worker.huey.dequeue())


def test_each_slot_is_enqueued_once_by_whichever_worker_looks_first(
    app: Flask, worker: JobQueue, other: JobQueue, rounds: list[str]
) -> None:
    with frozen(START):
        assert enqueue_due(app, worker) == ["count"]
        assert enqueue_due(app, other) == []
    with frozen(START + timedelta(seconds=59)):
        assert enqueue_due(app, other) == []
    with frozen(START + timedelta(seconds=60)):
        assert enqueue_due(app, other) == ["count"]
        assert enqueue_due(app, worker) == []
    run_all(worker)
    assert rounds == ["round", "round"]


def test_a_clock_that_is_behind_enqueues_nothing_twice(
    app: Flask, worker: JobQueue, other: JobQueue, rounds: list[str]
) -> None:
    for seconds in (0, 60):
        with frozen(START + timedelta(seconds=seconds)):
            enqueue_due(app, worker)
    with frozen(START + timedelta(seconds=30)):
        assert enqueue_due(app, other) == []


def test_slots_that_nobody_saw_are_not_made_up_for(
    app: Flask, worker: JobQueue, rounds: list[str]
) -> None:
    for hours in (0, 5):
        with frozen(START + timedelta(hours=hours)):
            assert enqueue_due(app, worker) == ["count"]
    assert worker.size() == 2


def test_the_storage_keeps_two_keys_for_each_work_however_long_it_runs(
    app: Flask, worker: JobQueue, rounds: list[str]
) -> None:
    before = worker.huey.result_count()
    for minute in range(10):
        with frozen(START + timedelta(minutes=minute)):
            enqueue_due(app, worker)
    assert worker.huey.result_count() == before + 2


def test_a_thread_of_the_worker_looks_until_it_is_stopped(
    app: Flask, worker: JobQueue, rounds: list[str]
) -> None:
    looked = Event()

    def newest() -> AbstractContextManager[Flask]:
        looked.set()
        return nullcontext(app)

    thread = PeriodicThread(newest, worker, seconds=0.01)
    thread.start()
    assert looked.wait(5)
    thread.stop()
    assert not thread.is_alive()
    run_all(worker)
    assert rounds == ["round"]


def test_a_thread_survives_a_database_that_is_away(
    app: Flask, worker: JobQueue, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter([True, True, False])
    done = Event()

    def newest() -> AbstractContextManager[Flask]:
        if next(answers, False):
            raise OSError("no database")
        done.set()
        return nullcontext(app)

    thread = PeriodicThread(newest, worker, seconds=0.01)
    thread.start()
    assert done.wait(5)
    thread.stop()
    assert "trying again" in caplog.text


def test_a_mail_goes_out_right_after_its_commit(
    settings: Settings, app: Flask, worker: JobQueue
) -> None:
    """Issue 4, Mail: by default .eml files under var/mail/."""
    with app.app_context(), unit_of_work("write"):
        compose("siteadmin/test", "ann@portal.example", moment=START)
        assert worker.size() == 0
    run_all(worker)
    (file,) = (settings.var / "mail").glob("*.eml")
    assert "To: ann@portal.example" in file.read_text()


def test_the_sweep_finds_what_a_crash_left(
    settings: Settings, app: Flask, worker: JobQueue
) -> None:
    with app.app_context(), unit_of_work("write"):
        compose("siteadmin/test", "ann@portal.example", moment=START)
    worker.huey.flush()  # as if the queue had been lost
    assert "send_mail" in enqueue_due(app, worker)
    run_all(worker)
    with app.app_context(), unit_of_work("read"):
        assert list(db.session.scalars(select(OutboxMail.state))) == [SENT]


def test_the_settings_choose_the_way_out(tmp_path: Path) -> None:
    var = {"PORTAL_VAR": str(tmp_path)}
    assert isinstance(transport_for(Settings.load(var)), FileTransport)
    smtp = {"PORTAL_SMTP_URL": "smtp://mail.example"}
    assert isinstance(transport_for(Settings.load({**var, **smtp})), SmtpTransport)


def test_every_upkeep_job_runs(settings: Settings, worker: JobQueue) -> None:
    app = create_app(settings)
    names = {"send_mail", "purge_mail", "purge_tokens"}
    assert names <= jobs_of(app).periodic.keys()
    assert names <= set(enqueue_due(app, worker))
    run_all(worker)
    jobs_of(app).queue.close()
