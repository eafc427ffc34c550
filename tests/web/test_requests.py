"""A request from outside: transactions by method, headers, ids, refusals as pages."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.accounts.models import User
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.core.unit_of_work import after_commit, unit_of_work
from portal.web.transactions import transaction
from tests.factories import make_user

RAN: list[str] = []


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser on an app with views that write and fail in every way."""

    def write(status: int = 200, name: str = "alice") -> tuple[str, int]:
        make_user(name)
        after_commit(lambda: RAN.append(name))
        return "written", status

    def fail() -> str:
        make_user("alice")
        raise ZeroDivisionError("a secret in the message")

    def refuse(kind: str) -> str:
        make_user("alice")
        raise {
            "conflict": Conflict("Already done.", "Reload."),
            "invalid": Invalid({"x": ["Too short."]}),
        }[kind]

    @transaction("write")
    def callback() -> str:
        make_user("alice")
        return "written"

    def poison_commit() -> str:
        db.session.execute(
            text("PRAGMA defer_foreign_keys=ON")
        ) if db.engine.dialect.name == "sqlite" else None
        make_user("alice")
        db.session.execute(
            text("INSERT INTO user_plugin (user_id, plugin_id, used) VALUES (777, 777, true)")
        )
        return "written"

    rules = {
        "/t/write/<int:status>": write,
        "/t/fail": fail,
        "/t/refuse/<kind>": refuse,
        "/t/late": poison_commit,
    }
    for rule, view in rules.items():
        app.add_url_rule(rule, view.__name__, view, methods=["GET", "POST"])
    app.add_url_rule("/t/callback", "callback", callback)
    RAN.clear()
    return app.test_client()


def people(app: Flask) -> list[str]:
    with app.app_context(), unit_of_work("read"):
        return list(db.session.scalars(select(User.user_name)))


def test_a_post_commits_and_runs_what_waited(app: Flask, client: FlaskClient) -> None:
    assert client.post("/t/write/200").status_code == 200
    assert (people(app), RAN) == (["alice"], ["alice"])


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_an_answer_of_400_or_more_commits_nothing(
    app: Flask, client: FlaskClient, status: int
) -> None:
    """A3: a refused form must not leave half of its work."""
    assert client.post(f"/t/write/{status}").status_code == status
    assert (people(app), RAN) == ([], [])


def test_a_get_cannot_write(app: Flask, client: FlaskClient) -> None:
    assert client.get("/t/write/200").status_code in (500, 503)
    assert people(app) == []


def test_a_view_may_declare_that_its_get_writes(app: Flask, client: FlaskClient) -> None:
    assert client.get("/t/callback").status_code == 200
    assert people(app) == ["alice"]


def test_a_failing_view_leaves_nothing_and_tells_nothing(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/t/fail")
    assert answer.status_code == 500
    assert "a secret in the message" not in answer.text
    assert answer.text.count("<h1") == 1
    assert people(app) == []


def test_a_failing_commit_is_one_error_page(app: Flask, client: FlaskClient) -> None:
    """A3: committing in after_request would answer twice."""
    answer = client.post("/t/late")
    assert answer.status_code == 409
    assert answer.text.count("<h1") == 1
    assert people(app) == []


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [("conflict", 409, "Already done."), ("invalid", 422, "Too short.")],
)
def test_a_refusal_is_a_page_with_its_words(
    app: Flask, client: FlaskClient, kind: str, status: int, words: str
) -> None:
    answer = client.post(f"/t/refuse/{kind}")
    assert answer.status_code == status
    assert words in answer.text
    assert people(app) == []


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/login", "/nowhere", "/healthz"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_request_keeps_a_proper_id_and_gets_another_for_a_bad_one(client: FlaskClient) -> None:
    assert "deadbeef00" in client.get("/nowhere", headers={"X-Request-Id": "deadbeef00"}).text
    assert "<b>" not in client.get("/nowhere", headers={"X-Request-Id": "<b>12345678"}).text


@pytest.mark.parametrize(
    "path", ["/groups/a%00b/", "/users/a%00b/", "/plugins/a%00b/", "/nowhere%00"]
)
def test_a_nul_in_an_address_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_nul_in_a_value_is_refused(client: FlaskClient) -> None:
    assert client.get("/groups/?q=a%00b").status_code == 400
    assert client.post("/login", data={"user_name": "a\0b", "password": "x"}).status_code == 400


def test_a_query_that_is_no_ascii_is_refused(client: FlaskClient) -> None:
    """Werkzeug cannot decode it; without the check every page would answer 500."""
    answer = client.get("/groups/", environ_overrides={"QUERY_STRING": "q=\xff\xe9"})
    assert answer.status_code == 400


def test_the_probes_answer(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok", "generation": 0}
    answer = client.get("/readyz")
    assert answer.json["checks"]["database"] == "ok"
