"""What plugins learn of accounts, what they may object to, and what they add to the log-in and to names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from markupsafe import Markup

from portal.accounts.addresses import EMAIL, change_address
from portal.accounts.loading import find_user
from portal.accounts.models import ACTIVE, User
from portal.accounts.registration import LIFETIME, purge_unconfirmed
from portal.accounts.services import (
    PersonalSettings,
    create_user,
    delete_user,
    set_password,
    set_status,
    update_settings,
)
from portal.accounts.snapshots import UserSnapshot
from portal.accounts.subjects import token_subject
from portal.core.clock import frozen, now
from portal.core.errors import Conflict, Invalid
from portal.core.tokens import issue_token
from portal.pluginapi import LoginMethod, Picture, Veto
from tests.hooks.probing import PASSWORD, ProbedSite

LIFE = ("user_create", "user_update", "user_setstatus", "user_setemail", "user_delete")
HOOKS = (
    *LIFE,
    "user_creating",
    "user_deleting",
    "user_logo",
    "display_auth_form",
    "close_auth_session",
)
CHOSEN = "Portal-demo-1"


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with a plugin that answers the hooks of accounts as a test wants."""
    probed.run_open("probe", *HOOKS)
    return probed


@pytest.fixture(autouse=True)
def silent(site: ProbedSite) -> None:
    """The plugin has nothing to say when a test begins."""
    site.give("probe")
    site.calls()
    site.incidents()


@pytest.fixture
def dora(site: ProbedSite) -> Iterator[str]:
    """The name of an account, made for the test."""
    with site.arrange():
        create_user("dora", "Dora", "dora@example.org", PASSWORD, status=ACTIVE)
    site.calls()
    yield "dora"
    with site.arrange():
        found = find_user("dora")
        assert found is not None
        found.user_name = found.email_ci = f"dora{found.user_id}"


def person(name: str) -> User:
    """Return a row of the running unit of work."""
    found = find_user(name)
    assert found is not None
    return found


def about(site: ProbedSite, name: str = "dora") -> dict[str, Any]:
    """Return what each hook of the life cycle gives."""
    return {"user": f"User {name}", "user_id": site.user_id(name)}


def told(site: ProbedSite) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls of the life cycle's hooks since this was last asked."""
    return [(name, given) for name, given in site.calls() if name in LIFE]


def test_a_registration_asks_before_and_tells_after_without_a_password(site: ProbedSite) -> None:
    """Hooks.md, user_creating and user_create; forge 5.4, 11: never a password."""
    given: list[Any] = []
    site.give("probe", user_creating=lambda call: given.append(dict(call["values"])))
    form = {
        "user_name": "emil",
        "real_name": "Emil",
        "email": "emil@example.org",
        "password": CHOSEN,
        "repetition": CHOSEN,
        "timezone": "",
        "language": "",
    }
    assert site.client().post("/register", data=form).status_code == 303
    assert given == [
        {"user_name": "emil", "real_name": "Emil", "email": "emil@example.org", "status": "P"}
    ]
    assert told(site) == [("user_create", about(site, "emil"))]
    with frozen(now() + 2 * LIFETIME), site.arrange():
        assert purge_unconfirmed() == 1
    ((name, gone),) = told(site)
    assert (name, gone["user"]) == ("user_delete", "a UserSnapshot")


def test_a_veto_keeps_an_account_from_being_made(site: ProbedSite) -> None:
    """Shown at the field that it names; nothing is stored and nobody told."""

    def refuse(call: dict[str, Any]) -> None:
        raise Veto("Not with this address.", "email")

    site.give("probe", user_creating=refuse)
    with pytest.raises(Invalid) as caught, site.arrange():
        create_user("fred", "Fred", "fred@example.org", PASSWORD)
    assert caught.value.errors == {"email": ["Not with this address."]}
    assert told(site) == []
    with site.arrange("read"):
        assert find_user("fred") is None


def test_what_changes_is_told_with_what_was(site: ProbedSite, dora: str) -> None:
    """Engineering 2t: a frozen snapshot taken before."""
    before: list[UserSnapshot] = []
    site.give("probe", user_update=lambda call: before.append(call["before"]))
    with site.arrange():
        update_settings(person(dora), PersonalSettings(real_name="Dora D.", timezone="Europe/Rome"))
    assert told(site) == [("user_update", {**about(site), "before": "a UserSnapshot"})]
    assert (before[0].real_name, before[0].timezone) == ("Dora", None)
    with pytest.raises(AttributeError):
        before[0].real_name = "Someone"  # type: ignore[misc]
    with site.arrange():
        update_settings(person(dora), PersonalSettings(real_name="Dora D.", timezone="Europe/Rome"))
    assert told(site) == []


def test_a_state_and_an_address_are_told(site: ProbedSite, dora: str) -> None:
    """Hooks.md, user_setstatus and user_setemail."""
    with site.arrange():
        set_status(person(dora), "S")
        set_status(person(dora), "A")
        token = issue_token(EMAIL, token_subject(person(dora)), 60, {"email": "d@example.org"})
        change_address(person(dora), token)
    given = {**about(site), "before": "a UserSnapshot"}
    assert told(site) == [
        ("user_setstatus", {**given, "status": "S"}),
        ("user_setstatus", {**given, "status": "A"}),
        ("user_setemail", {**given, "email": "d@example.org"}),
    ]


def test_a_deletion_is_asked_for_and_told_with_the_person_as_they_were(
    site: ProbedSite, dora: str
) -> None:
    """Check before, notify after with a snapshot."""
    gone: list[UserSnapshot] = []
    site.give("probe", user_delete=lambda call: gone.append(call["user"]))
    asked = about(site)
    with site.arrange():
        delete_user(person(dora))
    calls = site.calls()
    assert ("user_deleting", asked) in calls
    assert [name for name, _given in calls if name in LIFE] == ["user_setstatus", "user_delete"]
    assert (gone[0].real_name, gone[0].email) == ("Dora", "dora@example.org")
    assert gone[0].user_id == asked["user_id"]


def test_a_veto_keeps_an_account(site: ProbedSite, dora: str) -> None:
    """The person stays as they are."""

    def refuse(call: dict[str, Any]) -> None:
        raise Veto("There are dates ahead.")

    site.give("probe", user_deleting=refuse)
    with pytest.raises(Conflict, match="dates ahead"), site.arrange():
        delete_user(person(dora))
    with site.arrange("read"):
        assert person(dora).status == "A"


def test_no_hook_of_an_account_gives_a_password(site: ProbedSite, dora: str) -> None:
    """Forge 5.4, 11; a new one is told by none of them."""
    with site.arrange():
        set_password(person(dora), CHOSEN)
    assert site.calls() == []


def test_what_rolls_back_is_told_to_nobody(site: ProbedSite) -> None:
    """Notify hooks go out after the commit."""
    with pytest.raises(ZeroDivisionError), site.arrange():
        create_user("gone", "Gone", "gone@example.org", PASSWORD)
        raise ZeroDivisionError
    assert told(site) == []


# -- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["/plugins/probe/p.png", Picture(url="/plugins/probe/p.png")])
def test_a_picture_stands_in_place_of_the_initials(site: ProbedSite, given: object) -> None:
    """Hooks.md, user_logo: on the profile and in the bar, decoration beside the name."""
    site.give("probe", user_logo=lambda call: given if call["user"].user_name == "alice" else None)
    page = site.page("/users/alice/", "alice")
    pictures = page.all("img", src="/plugins/probe/p.png")
    assert [(each["width"], each["alt"]) for each in pictures] == [("28", ""), ("48", "")]
    sizes = [call["size"] for call in site.calls_of("user_logo")]
    assert sorted(sizes) == [28, 48]
    assert site.page("/users/bob/").all("img") == []


@pytest.mark.parametrize(
    "given", ["https://elsewhere.example/p.png", "javascript:alert(1)", "//x.example/", "", 7]
)
def test_an_address_elsewhere_is_no_picture(site: ProbedSite, given: object) -> None:
    """The content security policy would not load it: initials, and an incident for site admins."""
    without = site.as_("").get("/users/alice/").data
    site.give("probe", user_logo=given)
    assert site.as_("").get("/users/alice/").data == without
    assert {hook for _plugin, hook, _error in site.incidents()} == {"user_logo"}


# -- logging in and out ----------------------------------------------------------------------------


def test_ways_to_log_in_stand_below_the_portals_own(site: ProbedSite) -> None:
    """Hooks.md, display_auth_form: a form of its own, or an address to go to; sections, no script."""
    form = '<form method="post" action="/plugins/probe/in"><input name="card" aria-label="Card"></form>'
    site.give(
        "probe",
        display_auth_form=[
            LoginMethod(key="card", title="Card reader", html=Markup(form)),
            LoginMethod(key="sso", title="Head office", redirect_url="https://sso.example/in"),
        ],
    )
    page = site.page("/login?next=/groups/")
    assert page.one("input", name="password")
    assert page.one("input", name="card").within("section").one("h2").text == "Card reader"
    assert page.one("a", href="https://sso.example/in").within("section").one("h2").text == (
        "Head office"
    )
    assert site.calls_of("display_auth_form") == [{"return_to": "/groups/"}]
    site.page("/login?next=//evil.example")
    assert site.calls_of("display_auth_form") == [{"return_to": "/my/"}]


@pytest.mark.parametrize("given", ["<form>", Markup("<form>"), 7, {"key": "x"}])
def test_what_is_no_way_to_log_in_costs_itself_only(site: ProbedSite, given: object) -> None:
    """Design 5, Isolation."""
    without = site.as_("").get("/login")
    site.give("probe", display_auth_form=given)
    answer = site.as_("").get("/login")
    assert answer.status_code == without.status_code == 200
    assert "login-method" not in answer.text
    assert {hook for _plugin, hook, _error in site.incidents()} == {"display_auth_form"}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"key": "A b", "title": "x", "redirect_url": "/x"}, "key"),
        ({"key": "a", "title": " ", "redirect_url": "/x"}, "title"),
        ({"key": "a", "title": "x"}, "either"),
        ({"key": "a", "title": "x", "redirect_url": "/x", "html": Markup("<p></p>")}, "either"),
        ({"key": "a", "title": "x", "redirect_url": "javascript:alert(1)"}, "address"),
    ],
)
def test_a_way_to_log_in_is_judged_where_it_is_made(values: dict[str, Any], text: str) -> None:
    """The plugin's author reads what is wrong."""
    with pytest.raises(ValueError, match=text):
        LoginMethod(**values)


def test_who_has_left_is_told_before_the_redirect_and_cookies_may_be_deleted(
    site: ProbedSite,
) -> None:
    """Hooks.md, close_auth_session: now."""
    site.give(
        "probe", close_auth_session=lambda call: call["response"].delete_cookie("sso_session")
    )
    answer = site.as_("alice").post("/logout")
    assert (answer.status_code, answer.location) == (303, "/")
    assert any(line.startswith("sso_session=;") for line in answer.headers.getlist("Set-Cookie"))
    assert site.calls_of("close_auth_session") == [
        {**about(site, "alice"), "response": "a Response"}
    ]
    site.as_("").post("/logout")
    assert site.calls_of("close_auth_session") == []
