"""The unit of work: read-only reads, immediate writes, what follows a commit, who may end it (A2 to A4)."""

import os
import threading
import time
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.accounts.models import User
from portal.core import unit_of_work as work
from portal.core.database import db
from portal.core.transactions import guarded, unguarded
from portal.core.unit_of_work import after_commit, unit_of_work
from tests.factories import make_user


class Refusal(Exception):
    """What the guard raises in these tests."""


def names(app: Flask) -> list[str]:
    with app.app_context(), unit_of_work("read"):
        return sorted(db.session.scalars(select(User.user_name)))


def test_the_session_needs_a_unit_of_work(app: Flask) -> None:
    with app.app_context(), pytest.raises(RuntimeError, match="outside a unit of work"):
        db.session.execute(text("SELECT 1"))


def test_a_reading_unit_cannot_write_because_the_database_refuses(app: Flask) -> None:
    """A2: "GET never writes" is enforced by SQLite and PostgreSQL themselves."""
    with app.app_context(), unit_of_work("read"), pytest.raises(DBAPIError):
        make_user("alice")
    assert names(app) == []


def test_a_reading_unit_reads_on_after_a_database_error(app: Flask) -> None:
    """A4: PostgreSQL aborts the transaction; the host ends it and the next read works."""
    with app.app_context(), unit_of_work("read") as unit:
        with pytest.raises(DBAPIError):
            db.session.execute(text("SELECT * FROM there_is_no_such_table"))
        assert unit.poisoned
        work.recover()
        assert db.session.execute(text("SELECT 1")).scalar() == 1


def test_the_connection_of_a_reading_unit_writes_again_afterwards(app: Flask) -> None:
    """SQLite's query_only belongs to the connection, which goes back to the pool."""
    with app.app_context():
        with unit_of_work("read"):
            db.session.execute(text("SELECT 1"))
        with unit_of_work("write"):
            make_user("alice")
    assert names(app) == ["alice"]


def test_an_exception_rolls_back_and_drops_what_waited(app: Flask) -> None:
    ran: list[str] = []
    with app.app_context(), pytest.raises(ZeroDivisionError), unit_of_work("write"):
        make_user("alice")
        after_commit(lambda: ran.append("never"))
        raise ZeroDivisionError
    assert (names(app), ran) == ([], [])


def test_what_waited_sees_the_commit_and_cannot_hurt_its_neighbours(app: Flask) -> None:
    seen: list[list[str]] = []

    def fail() -> None:
        raise RuntimeError("on purpose")

    with app.app_context(), unit_of_work("write"):
        make_user("alice")
        after_commit(fail)
        after_commit(lambda: seen.append(names(app)))
    assert seen == [["alice"]]


def test_a_unit_inside_another_has_its_own_transaction(app: Flask) -> None:
    with app.app_context(), pytest.raises(ZeroDivisionError), unit_of_work("read"):
        with unit_of_work("write"):
            make_user("alice")
        raise ZeroDivisionError
    assert names(app) == ["alice"]


def test_readers_do_not_wait_for_an_open_write(app: Flask) -> None:
    """A2: immediate transactions for everybody would make a GET queue behind a POST."""
    wrote, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with app.app_context(), unit_of_work("write"):
            make_user("alice")
            wrote.set()
            go_on.wait(10)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    wrote.wait(10)
    start = time.monotonic()
    assert names(app) == []
    waited = time.monotonic() - start
    go_on.set()
    writer.join()
    assert waited < 1
    assert names(app) == ["alice"]


@pytest.mark.parametrize(
    ("what", "end"),
    [
        ("session.commit()", lambda: db.session.commit()),
        ("session.rollback()", lambda: db.session.rollback()),
        ("session.close()", lambda: db.session.close()),
        ("session.close()", lambda: db.session.remove()),
        ("session.reset()", lambda: db.session.reset()),
        ("session.invalidate()", lambda: db.session().invalidate()),
        ("session.expunge_all()", lambda: db.session.expunge_all()),
        ("connection.commit()", lambda: db.session.connection().commit()),
        ("COMMIT", lambda: db.session.execute(text("COMMIT"))),
        ("rollback", lambda: db.session.execute(text(" rollback"))),
        ("CREATE TABLE", lambda: db.session.execute(text("CREATE TABLE plugin_x_y (z integer)"))),
    ],
)
def test_the_guard_refuses_what_would_end_the_transaction(
    app: Flask, what: str, end: object
) -> None:
    """A4: plugin code may flush; the transaction is the request's."""
    with app.app_context(), unit_of_work("read"):
        db.session.execute(text("SELECT 1"))
        with (
            pytest.raises(
                Refusal, match="is not allowed while the portal calls a plugin"
            ) as refusal,
            guarded(Refusal),
        ):
            end()  # type: ignore[operator]
        assert what in str(refusal.value)
        work.recover()


def test_the_guard_lets_savepoints_and_allowed_definitions_pass(app: Flask) -> None:
    with app.app_context(), unit_of_work("write"):
        with guarded(Refusal, allow_definitions=True):
            with db.session.begin_nested():
                make_user("alice")
            with db.session.begin_nested() as inner:
                make_user("bob")
                inner.rollback()
            db.session.execute(text("CREATE TABLE plugin_x_y (z integer)"))
            db.session.execute(text("DROP TABLE plugin_x_y"))
        with guarded(Refusal), unguarded():
            db.session.commit()
    assert names(app) == ["alice"]


def test_one_engine_serves_every_app_of_the_process(app: Flask, settings: object) -> None:
    """A10: a candidate app must not wait for its own caller's lock."""
    other = Flask("other")
    other.config["SQLALCHEMY_DATABASE_URI"] = app.config["SQLALCHEMY_DATABASE_URI"]
    db.init_app(other)
    with app.app_context():
        first = db.engine
        with unit_of_work("write"):
            make_user("alice")
            with other.app_context():
                assert db.engine is first
                assert list(db.session.scalars(select(User.user_name))) == ["alice"]


def test_a_forked_process_leaves_its_parents_connections_alone(app: Flask) -> None:
    """Two processes on one connection would read each other's answers."""
    names(app)
    pool = partial(getattr, db.engine_for(app.config["SQLALCHEMY_DATABASE_URI"]), "pool")
    assert pool().checkedin()
    child = os.fork()
    if not child:
        os._exit(pool().checkedin())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
