"""What plugins learn of sessions: at each request who looks, and at the log-out who has left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal.pluginapi import current
from tests.hooks.probing import VIEWERS, ProbedSite

HOOKS = ("after_session_set", "before_logout_redirect")


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with two plugins that answer what a test gives them."""
    probed.run_open("first", *HOOKS)
    probed.run_open("second", *HOOKS)
    return probed


@pytest.fixture(autouse=True)
def silent(site: ProbedSite) -> None:
    """Both plugins have nothing to do when a test begins."""
    for handle in ("first", "second"):
        site.give(handle)
        site.calls(handle)
    site.incidents()


@pytest.fixture
def disabled(site: ProbedSite) -> Iterator[ProbedSite]:
    """The site while both plugins are disabled."""
    for handle in ("first", "second"):
        site.operate("disable", handle)
    yield site
    for handle in ("first", "second"):
        site.operate("enable", handle)


def log_out(site: ProbedSite, viewer: str) -> TestResponse:
    """Press the button."""
    return site.as_(viewer).post("/logout")


# -- after_session_set ---------------------------------------------------------------------------


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("path", ["/", "/groups/mercury/", "/users/bob/", "/nothing"])
def test_each_request_of_a_page_tells_once_who_looks(
    site: ProbedSite, path: str, viewer: str
) -> None:
    """Seed 004, after_session_set; forge 1.2, 1: anonymous visitors, too; scope site."""
    client = site.as_(viewer)
    client.get(path)
    (given,) = site.calls_of("after_session_set", "first")
    assert given.keys() == {"viewer", "session"}
    assert given["viewer"] == (f"User {viewer}" if viewer else None)
    identity = {"_user_id", "_fresh"} if viewer else set()
    assert identity <= given["session"].keys()
    assert "_token" not in given["session"], "whoever has it is logged in"
    assert site.as_("alice").post("/logout").status_code == 303
    assert len(site.calls_of("after_session_set", "second")) == 2


@pytest.mark.parametrize(
    "path",
    ["/static/css/tokens.css", "/plugins/first/static/x.css", "/healthz", "/readyz"],
)
def test_static_files_and_probes_tell_nobody(site: ProbedSite, path: str) -> None:
    """Design 8: they must cost nothing."""
    with site.as_("alice").get(path):
        assert site.calls("first") == []


def test_what_a_handler_gets_of_the_session_is_a_copy(site: ProbedSite) -> None:
    """One handler's changes reach neither the session nor the next handler."""
    site.give("first", after_session_set=lambda given: given["session"].clear())
    site.give("second", after_session_set=lambda given: given["session"].clear())
    client = site.as_("alice")
    assert client.get("/my/").status_code == 200
    assert client.get("/my/").status_code == 200
    (first, *_rest) = site.calls_of("after_session_set", "first")
    (second, *_rest) = site.calls_of("after_session_set", "second")
    assert first["session"] == second["session"] != {}


def test_a_failing_handler_costs_nothing(site: ProbedSite) -> None:
    """Forge 1.2, 1: errors must not block the page."""
    without = site.as_("").get("/").data
    site.give("first", after_session_set=lambda given: 1 / 0)
    assert site.as_("").get("/").data == without
    assert [hook for _plugin, hook, _error in site.incidents()] == ["after_session_set"]


# -- before_logout_redirect ----------------------------------------------------------------------


def test_who_has_left_is_told_with_the_answer(site: ProbedSite) -> None:
    """Seed 004: after the log-out, before the redirect; forge 1.2, 3: with the user who left."""
    seen: list[Any] = []
    site.give(
        "first",
        before_logout_redirect=lambda given: seen.append(
            (given["response"].status_code, given["response"].location)
        ),
    )
    assert log_out(site, "alice").status_code == 303
    assert seen == [(303, "/")]
    assert site.calls_of("before_logout_redirect", "first") == [
        {"user": "User alice", "user_id": site.user_id("alice"), "response": "a Response"}
    ]


def test_the_session_is_gone_by_then(site: ProbedSite) -> None:
    """Hooks.md: session gone."""
    viewers: list[Any] = []
    site.give("first", before_logout_redirect=lambda given: viewers.append(current.viewer))
    client = site.as_("alice")
    client.post("/logout")
    assert viewers == [None]
    assert client.get("/my/").status_code == 302


def test_nobody_has_left_when_nobody_was_there(site: ProbedSite) -> None:
    """A second click is no log-out."""
    assert log_out(site, "").status_code == 303
    assert site.calls_of("before_logout_redirect", "first") == []


def cookies(answer: TestResponse) -> dict[str, str]:
    """Return the cookies that an answer sets, with the beginning of their values."""
    lines = answer.headers.getlist("Set-Cookie")
    return {line.partition("=")[0]: line.partition("=")[2].partition(";")[0] for line in lines}


def test_handlers_may_set_and_delete_cookies_and_change_nothing_else(site: ProbedSite) -> None:
    """Forge 1.2, 3: a plugin drops the cookies of the tool that it embeds."""

    def clean_up(given: dict[str, Any]) -> None:
        response = given["response"]
        response.delete_cookie("wiki_session")
        response.status_code, response.location = 500, "https://evil.example/"
        response.set_data("gone")
        response.headers["X-Mine"] = "1"

    site.give("first", before_logout_redirect=clean_up)
    site.give("second", before_logout_redirect=lambda given: given["response"].set_cookie("x", "1"))
    answer = log_out(site, "alice")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "gone" not in answer.text
    assert "X-Mine" not in answer.headers
    assert {**cookies(answer), "portal_session": ""} == {
        "wiki_session": "",
        "x": "1",
        "portal_session": "",
    }


@pytest.mark.parametrize("break_it", [
    lambda response: 1 / 0,
    lambda response: setattr(response, "headers", None),
    lambda response: response.headers.clear(),
    lambda response: response.close(),
    lambda response: setattr(response, "response", None),
])  # fmt: skip
def test_the_answer_survives_a_handler_that_breaks_it(site: ProbedSite, break_it: Any) -> None:
    """Design 5, Isolation: the status and bytes that it would have without that handler."""
    without = log_out(site, "alice")
    site.give("second", before_logout_redirect=lambda given: break_it(given["response"]))
    answer = log_out(site, "alice")
    assert (answer.status_code, answer.location) == (303, "/")
    assert answer.data == without.data
    assert cookies(answer).keys() == cookies(without).keys()


def test_disabled_plugins_learn_nothing(disabled: ProbedSite) -> None:
    """Design 6."""
    assert disabled.as_("alice").get("/").status_code == 200
    assert log_out(disabled, "alice").status_code == 303
    disabled.operate("enable", "first")
    assert disabled.calls("first") == []
    disabled.operate("disable", "first")
