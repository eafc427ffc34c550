"""A hook that the catalogue offers is fired by the code, and none is fired that it does not offer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from portal.access.services import add_member
from portal.accounts.addresses import EMAIL, change_address
from portal.accounts.loading import find_user
from portal.accounts.models import ACTIVE, User
from portal.accounts.services import PersonalSettings, create_user, delete_user, update_settings
from portal.accounts.subjects import token_subject
from portal.config import ROOT
from portal.core.tokens import issue_token
from portal.groups.purging import purge_group
from portal.groups.queries import named_group
from portal.groups.services import (
    GroupInformation,
    approve_group,
    create_group,
    update_information,
)
from portal.groups.states import delete_group
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.hooks import HookSpec
from tests.hooks.probing import PASSWORD, ProbedSite
from tests.walks import core_pages

METHODS = ("notify", "collect", "render", "check", "answers")


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with a plugin that has switches and answers nothing."""
    probed.run_open("probe", "cssfile", settings={"word": {"scope": "user"}})
    return probed


@pytest.fixture(scope="module")
def fired(site: ProbedSite) -> Counter[str]:
    """How often each hook was fired while a site admin and a person did what there is to do."""
    seen: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        for method in METHODS:
            patch.setattr(Hooks, method, counting(getattr(Hooks, method), seen))
        walk(site)
    return seen


def counting(method: Any, seen: Counter[str]) -> Any:
    """Return the firing method with a count of the names that it is called with."""

    def fire(self: Hooks, name: str, /, **params: Any) -> Any:
        seen[name] += 1
        return method(self, name, **params)

    return fire


def walk(site: ProbedSite) -> None:
    """Look at every page, switch the plugin everywhere, set something of it, log in and out."""
    admin, alice = site.as_("admin"), site.as_("alice")
    for path in core_pages(site.app, code="probe"):
        admin.get(path)
    told = alice.post("/my/settings/plugins/probe", data={"setting_word": "Hello"})
    assert told.status_code == 303
    for switches in ("/groups/apollo/admin/plugins", "/my/settings/plugins"):
        assert alice.post(switches, data={"shown": "probe"}).status_code == 303
    live(site)
    visitor = site.client()
    assert visitor.get("/login").status_code == 200
    assert (
        visitor.post("/login", data={"user_name": "bob", "password": PASSWORD}).status_code == 303
    )
    assert visitor.post("/logout").status_code == 303


def live(site: ProbedSite) -> None:
    """Let an account go through all that becomes of accounts, a group's membership among it."""
    with site.arrange():
        dora = create_user("dora", "Dora", "dora@example.org", PASSWORD, status=ACTIVE)
        update_settings(dora, PersonalSettings(real_name="Dora D."))
        mercury = named_group("mercury")
        assert mercury is not None
        add_member(mercury, dora, "Reader")
        token = issue_token(EMAIL, token_subject(dora), 60, {"email": "d@example.org"})
        change_address(dora, token)
        delete_user(dora)
    with site.arrange():
        told = GroupInformation(full_name="Skylab", description="A house above the Earth")
        skylab = create_group(person("alice"), "skylab", told)
        approve_group(skylab)
        update_information(skylab, replace(told, full_name="Skylab One"))
        delete_group(skylab)
        purge_group(skylab)


def person(name: str) -> User:
    """Return the row of a person who is there."""
    found = find_user(name)
    assert found is not None
    return found


def offered(site: ProbedSite) -> list[HookSpec]:
    """Return the hooks that are said to be fired."""
    return list(site.engine.catalogue.fired())


def test_every_hook_that_is_not_planned_is_fired(site: ProbedSite, fired: Counter[str]) -> None:
    """Design 5: declaring a hook that nothing fires fails the suite."""
    assert [spec.name for spec in offered(site) if not fired[spec.name]] == []


def test_nothing_is_fired_that_the_catalogue_does_not_offer(
    site: ProbedSite, fired: Counter[str]
) -> None:
    """Design 5: firing an undeclared hook fails the suite."""
    assert set(fired) <= {spec.name for spec in offered(site)}


def test_no_hook_of_the_foundation_is_only_planned(site: ProbedSite) -> None:
    """Issue 3: every hook that spec/hooks.md marks foundation."""
    assert [
        spec.name for spec in site.engine.catalogue.planned() if spec.planned == "foundation"
    ] == []


def test_each_says_truly_where_it_is_fired(site: ProbedSite) -> None:
    """The reference names a module or a template that names the hook."""
    for spec in offered(site):
        path = source_of(spec.fired_in)
        assert path.is_file(), spec.name
        text = path.read_text()
        about_scope = spec.name.replace("group", "{scope}").replace("user", "{scope}")
        of_owner = spec.name.replace("group", "{owner.plugin_scope}").replace(
            "user", "{owner.plugin_scope}"
        )
        assert any(name in text for name in (spec.name, about_scope, of_owner)), spec.name


def source_of(name: str) -> Path:
    """Return the file behind a module's name, or a template's path."""
    if name.startswith("templates/"):
        return ROOT / name
    found = find_spec(name)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin)
