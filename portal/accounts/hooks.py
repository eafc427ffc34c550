"""The hooks of sessions, of the pages of a person and of an account's life (seed 004, spec/hooks.md)."""

from __future__ import annotations

from portal.accounts.loginmethods import LoginMethod
from portal.accounts.pictures import Picture, read_address
from portal.accounts.verdicts import Accept, Reject, read_truth
from portal.pluginengine.hooks import HookSpec
from portal.web.hookparams import USER, VIEWER
from portal.web.navigation import Link, MenuItem
from portal.web.seedmenus import menu_link
from portal.web.switchhooks import switch_hooks

BEFORE = {"before": "UserSnapshot: the account as it was, frozen"}

_SESSION = (
    HookSpec(
        name="after_session_set",
        kind="notify",
        scope="site",
        now=True,
        params={**VIEWER, "session": "dict[str, object]: a copy of what the session holds"},
        seed_params=(),
        where="each request of a page, once it is known who looks; not for static files and probes",
        fired_in="portal.accounts.sessions",
        page="home.index",
        doc="Sets up what a plugin keeps for a session. Runs for anonymous visitors, too: be quick.",
    ),
    HookSpec(
        name="before_logout_redirect",
        kind="notify",
        scope="site",
        now=True,
        params={
            **USER,
            "response": "flask.Response: a copy of the answer; its cookies are taken over",
        },
        seed_params=(),
        where="log-out, the session gone, before the redirect",
        fired_in="portal.accounts.sessions",
        doc=(
            "Lets a plugin drop what it keeps for the session, its own cookies among it; `user` is "
            "the person who has left. Of what is done to the response, the cookies that it sets and "
            "deletes count, nothing else."
        ),
    ),
    HookSpec(
        name="close_auth_session",
        kind="notify",
        scope="site",
        now=True,
        params={
            **USER,
            "response": "flask.Response: a copy of the answer; its cookies are taken over",
        },
        where="log-out, the session gone, before before_logout_redirect",
        fired_in="portal.accounts.sessions",
        doc=(
            "Ends the session at whoever authenticated the person, `user`, who has left. Of what is "
            "done to the response, the cookies that it sets and deletes count, nothing else."
        ),
    ),
    HookSpec(
        name="display_auth_form",
        kind="collect",
        scope="site",
        params={"return_to": "str: where to go after the log-in, an address of this site"},
        returns=LoginMethod,
        where="the log-in page, below the portal's own form",
        fired_in="portal.accounts.views.sessions",
        page="accounts.login",
        doc=(
            "Adds a way to log in: a form of its own, sent to a page of the plugin, or an address to "
            "go to. Pages of a plugin that answers here stay open where the site demands a log-in."
        ),
    ),
    HookSpec(
        name="session_before_login",
        kind="first",
        scope="site",
        confidential=True,
        params={"loginname": "str: as typed", "passwd": "str: as typed; never log or store it"},
        seed_params=("loginname", "passwd"),
        seed_form=read_truth,
        seed_types=(bool,),
        returns=(Accept, Reject),
        where="log-in, before the portal's own password check",
        fired_in="portal.accounts.authentication",
        page="accounts.login",
        doc=(
            "Authenticates against something else. None abstains; Accept(user_name) names the "
            "account, which must exist and be active; Reject(reason) refuses and shows the reason. "
            "The first answer counts, and when all abstain the portal's own password does. A "
            "plugin that the site requires is always asked: its rejection and its failure refuse "
            "the log-in. Of a failure only the kind and the place are kept, never a text."
        ),
    ),
)

_PAGES = (
    HookSpec(
        name="usermenu",
        kind="collect",
        scope="user",
        params={**USER, **VIEWER},
        returns=MenuItem,
        seed_params=(),
        link=menu_link(),
        where="the tab bar of a signed-in person's own pages",
        fired_in="portal.accounts.menu",
        page="home.show_my_page",
        doc=(
            "Adds tabs to the person's own pages. Asks the plugins that this person uses; never "
            "fired for anonymous visitors."
        ),
    ),
    HookSpec(
        name="user_personal_links",
        kind="collect",
        scope="user",
        params={**USER, **VIEWER},
        returns=Link,
        where="the profile of a user, among the links",
        fired_in="portal.home.views",
        page="home.show_profile",
        doc=(
            "Adds links to a profile. Asks the plugins that the profile's owner uses; `user` is "
            "the owner, `viewer` may be anybody. Show nothing that the viewer may not read."
        ),
    ),
)


def _told(name: str, where: str, doc: str, *, page: str, **params: str) -> HookSpec:
    """A notify hook of an account's life, after the commit; never a password."""
    return HookSpec(
        name=name,
        kind="notify",
        scope="site",
        params={**USER, **params},
        where=f"after the commit in which {where}",
        fired_in="portal.accounts.events",
        page=page,
        doc=doc,
    )


_LIFE = (
    HookSpec(
        name="user_logo",
        kind="first",
        scope="site",
        params={**USER, "size": "int: edge in CSS pixels"},
        returns=Picture,
        seed_form=read_address,
        where="wherever a person's picture stands",
        fired_in="portal.accounts.pictures",
        page="home.show_profile",
        doc=(
            "Gives a person's picture: Picture(url), or its address alone. None leaves it to the "
            "next plugin; when all abstain, the portal draws the initials. Fired once for each person "
            "on a page: be quick. The address must be on this site, others are not loaded."
        ),
    ),
    HookSpec(
        name="user_creating",
        kind="check",
        scope="site",
        params={
            "values": "Mapping[str, object]: user_name, real_name, email and status to be stored"
        },
        where="before an account is made",
        fired_in="portal.accounts.events",
        page="accounts.new_account",
        doc="May refuse the account; Veto(text, field) shows the text at the field of the form.",
    ),
    HookSpec(
        name="user_deleting",
        kind="check",
        scope="site",
        params=USER,
        where="before an account is deleted by somebody; not when an unconfirmed one runs out",
        fired_in="portal.accounts.events",
        page="accounts.delete_account",
        doc="May refuse the deletion by a Veto.",
    ),
    _told(
        "user_create",
        "an account was made",
        "Tells that an account was made; its status says whether it is confirmed yet.",
        page="accounts.new_account",
    ),
    _told(
        "user_update",
        "a person's settings changed",
        "Tells that somebody's data changed.",
        page="accounts.edit_settings",
        **BEFORE,
    ),
    _told(
        "user_setstatus",
        "an account went to another state",
        "Tells that an account is active (A), suspended (S) or deleted (D) from now on.",
        page="siteadmin.list_users",
        **BEFORE,
        status="str: the new one",
    ),
    _told(
        "user_setemail",
        "a confirmed address replaced another",
        "Tells that somebody's address changed.",
        page="accounts.edit_settings",
        **BEFORE,
        email="str: the new address",
    ),
    HookSpec(
        name="user_delete",
        kind="notify",
        scope="site",
        params={
            "user": "UserSnapshot: the account as it was, frozen",
            "user_id": "int: the user's key",
        },
        where="after the commit in which an account was deleted or an unconfirmed one ran out",
        fired_in="portal.accounts.events",
        page="accounts.delete_account",
        doc=(
            "Tells that an account is gone: drop what the plugin keeps for it. Of a deleted account "
            "the row stays, without personal data, so that its name is not given again."
        ),
    ),
)

_SWITCHES = switch_hooks("user", USER, "My settings", page="accounts.edit_settings")

HOOKS = (*_SESSION, *_PAGES, *_SWITCHES, *_LIFE)
