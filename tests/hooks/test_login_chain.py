"""Who may log in: plugins are asked in order, required ones always, the portal's own password last."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from portal.accounts.authentication import install_login_policy
from portal.accounts.models import LoginAttempts, User
from portal.core.database import db
from portal.pluginapi import Accept, Reject, Veto
from tests.factories import make_user
from tests.hooks.probing import PASSWORD, ProbedSite

HOOK = "session_before_login"
SECRET = "correct-horse-battery"
GENERIC = "This login name and password do not go together."
UNAVAILABLE = "Logging in is not possible right now."

Require = Callable[..., None]


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with two plugins that are asked at log-in, ``first`` before ``second``."""
    probed.run_open("first", HOOK)
    probed.run_open("second", HOOK)
    asked = [handler.plugin for handler in probed.engine.hooks.listeners(HOOK)]
    assert asked == ["first", "second"]
    with probed.arrange():
        for name, status in (("pia", "P"), ("sam", "S"), ("dan", "D")):
            make_user(name, status=status, password=PASSWORD)
    return probed


@pytest.fixture(autouse=True)
def silent(site: ProbedSite) -> None:
    """Both plugins abstain and none is required when a test begins."""
    for handle in ("first", "second"):
        site.give(handle)
        site.calls(handle)
    site.incidents()
    install_login_policy(site.app)
    with site.arrange():
        db.session.execute(delete(LoginAttempts))


@pytest.fixture
def require(site: ProbedSite) -> Require:
    """Requires plugins: ``require("first")``."""

    def make(*handles: str) -> None:
        install_login_policy(site.app, lambda: frozenset(handles))

    return make


def log_in(site: ProbedSite, name: str = "alice", password: str = SECRET) -> TestResponse:
    """Send the form; SECRET is not the portal's own password."""
    data = {"user_name": name, "password": password}
    return site.client().post("/login", data=data)


def who(site: ProbedSite, **given: str) -> str:
    """Return the login name of whoever a log-in signs in, "" when it is refused."""
    client = site.client()
    answer = client.post(
        "/login",
        data={"user_name": given.get("name", "alice"), "password": given.get("password", SECRET)},
    )
    assert answer.status_code in (303, 422)
    with client.session_transaction() as session:
        key = str(session.get("_user_id", "")).partition(".")[0]
    with site.arrange("read"):
        user = db.session.get(User, int(key)) if key else None
        return user.user_name if user is not None else ""


def test_they_get_what_was_typed(site: ProbedSite) -> None:
    """Seed 004: loginname and passwd, as passed in from the user."""
    assert who(site, name=" Alice ", password=" a b") == ""
    assert site.calls_of(HOOK, "first") == [{"loginname": " Alice ", "passwd": " a b"}]


@pytest.mark.parametrize("answer", [None, False])
def test_when_all_abstain_the_portals_own_password_decides(site: ProbedSite, answer: Any) -> None:
    """Issue 3: False and None abstain."""
    site.give("first", session_before_login=answer)
    site.give("second", session_before_login=answer)
    assert who(site) == ""
    assert GENERIC in log_in(site).text
    assert who(site, password=PASSWORD) == "alice"


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (True, "alice"),
        (Accept(), "alice"),
        (Accept("bob"), "bob"),
        (Accept(user_name=" BOB ", email="b@example.org", real_name="Bob"), "bob"),
    ],
)
def test_accepting_signs_the_named_account_in(site: ProbedSite, answer: Any, name: str) -> None:
    """Seed 004: true if the authentication succeeds; hooks.md: True accepts the account of that name."""
    site.give("second", session_before_login=answer)
    assert who(site) == name


def test_rejecting_shows_the_reason_and_the_own_password_does_not_help(site: ProbedSite) -> None:
    """Design 5, first: the first answer wins."""
    site.give("first", session_before_login=Reject("Your card <has> expired."))
    site.give("second", session_before_login=True)
    answer = log_in(site, password=PASSWORD)
    assert answer.status_code == 422
    assert "Your card &lt;has&gt; expired." in answer.text
    assert site.calls("second") == []


@pytest.mark.parametrize(
    ("name", "text"), [("pia", "not confirmed"), ("sam", "suspended"), ("dan", "deleted")]
)
def test_the_accounts_status_is_judged_after_any_answer(
    site: ProbedSite, name: str, text: str
) -> None:
    """Forge 1.2, 20: pending, suspended, deleted, each with its own text."""
    site.give("first", session_before_login=True)
    answer = log_in(site, name)
    assert answer.status_code == 422
    assert text in answer.text


def test_nobody_gets_an_account_by_being_accepted(site: ProbedSite) -> None:
    """Making accounts at the first log-in comes with the identity issue."""
    site.give("first", session_before_login=Accept("stranger", email="s@example.org"))
    answer = log_in(site, "stranger")
    assert (answer.status_code, "no account on this site" in answer.text) == (422, True)
    with site.arrange("read"):
        assert db.session.scalar(select(User).filter_by(user_name="stranger")) is None


@pytest.mark.parametrize(
    "answer",
    ["yes", 1, ["alice"], Accept, lambda given: 1 / 0],
    ids=["a text", "a number", "a list", "a class", "a failure"],
)
def test_nonsense_and_failure_abstain(site: ProbedSite, answer: Any) -> None:
    """Forge 1.2, 20: errors in a handler are abstentions; never an open door."""
    site.give("first", session_before_login=answer)
    assert who(site) == ""
    assert who(site, password=PASSWORD) == "alice"
    assert [(plugin, hook) for plugin, hook, _error in site.incidents()] == [("first", HOOK)]


def test_a_veto_of_a_plugin_that_is_not_required_is_a_failure(site: ProbedSite) -> None:
    """Only required plugins refuse by Veto."""

    def veto(given: dict[str, Any]) -> None:
        raise Veto("Never")

    site.give("first", session_before_login=veto)
    assert who(site, password=PASSWORD) == "alice"


# -- required plugins ----------------------------------------------------------------------------


def test_a_required_plugin_that_abstains_leaves_it_to_the_others(
    site: ProbedSite, require: Require
) -> None:
    """It has been asked, which is all that is required."""
    require("first", "second")
    assert who(site, password=PASSWORD) == "alice"
    site.give("second", session_before_login=True)
    assert who(site) == "alice"


@pytest.mark.parametrize("answer", [Reject("Not today."), "veto"])
def test_a_required_plugin_refuses_whatever_the_others_say(
    site: ProbedSite, require: Require, answer: Any
) -> None:
    """Forge 1.2, 20: any reject from a required plugin ends in refusal; it is always asked."""
    require("second")

    def veto(given: dict[str, Any]) -> None:
        raise Veto("Not today.")

    site.give("first", session_before_login=True)
    site.give("second", session_before_login=veto if answer == "veto" else answer)
    assert who(site) == ""
    assert "Not today." in log_in(site, password=PASSWORD).text


@pytest.mark.parametrize("answer", [lambda given: 1 / 0, "yes"], ids=["raises", "nonsense"])
def test_a_required_plugin_that_fails_closes_the_door(
    site: ProbedSite, require: Require, answer: Any
) -> None:
    """Issue 3: required plugins fail closed, also after somebody has accepted."""
    require("second")
    site.give("first", session_before_login=True)
    site.give("second", session_before_login=answer)
    assert who(site, password=PASSWORD) == ""
    page = log_in(site, password=PASSWORD)
    assert (page.status_code, UNAVAILABLE in page.text) == (422, True)


def test_a_required_plugin_that_is_not_there_closes_the_door(
    site: ProbedSite, require: Require
) -> None:
    """Disabled, broken or gone: nobody can have its say."""
    require("absent")
    assert UNAVAILABLE in log_in(site, password=PASSWORD).text
    site.operate("disable", "second")
    install_login_policy(site.app, lambda: frozenset({"second"}))
    assert UNAVAILABLE in log_in(site, password=PASSWORD).text
    site.operate("enable", "second")


def test_answers_that_name_different_accounts_sign_nobody_in(
    site: ProbedSite, require: Require
) -> None:
    """The required one must mean the same person."""
    require("second")
    site.give("first", session_before_login=True)
    site.give("second", session_before_login=Accept("bob"))
    assert who(site) == ""
    site.give("second", session_before_login=Accept("ALICE"))
    assert who(site) == "alice"


# -- the password --------------------------------------------------------------------------------


def raise_text(given: dict[str, Any]) -> None:
    """Fail with the password in the error's text."""
    raise ValueError(f"no such pair: {given}")


def raise_chain(given: dict[str, Any]) -> None:
    """Fail with the password in a cause and in a note."""
    try:
        {}[given["passwd"]]
    except KeyError as error:
        failure = RuntimeError("the server said no")
        failure.add_note(f"password {given['passwd']}")
        raise failure from error


def raise_sql(given: dict[str, Any]) -> None:
    """Fail in the database, whose errors hold the parameters."""
    db.session.execute(db.text("SELECT * FROM ldap WHERE word = :passwd"), given)


def leave(given: dict[str, Any]) -> None:
    """End the process, saying it."""
    raise SystemExit(given["passwd"])


@pytest.mark.parametrize("required", [(), ("first",)])
@pytest.mark.parametrize("fail", [raise_text, raise_chain, raise_sql, leave])
def test_no_failure_keeps_the_password(
    site: ProbedSite,
    require: Require,
    caplog: pytest.LogCaptureFixture,
    fail: Any,
    required: tuple[str, ...],
) -> None:
    """Forge 1.2, 20: never log or store passwd; forge 5.4, 11."""
    caplog.set_level(logging.DEBUG)
    require(*required)
    site.give("first", session_before_login=fail)
    assert SECRET not in log_in(site).text
    (incident,) = site.engine.health.incidents()
    assert (incident.plugin, incident.hook) == ("first", HOOK)
    for text in (*vars_of(incident), caplog.text, *(str(vars(each)) for each in caplog.records)):
        assert SECRET not in text
    assert "its text is withheld" in incident.error
    assert fail.__name__ in incident.traceback
    assert SECRET not in site.as_("admin").get("/admin/plugins/incidents").text


def vars_of(incident: Any) -> list[str]:
    """Return every value of an incident as text."""
    return [str(getattr(incident, name)) for name in incident.__slots__]
