"""Which switches a plugin has, and their default policy."""

from __future__ import annotations

import pytest

from portal.pluginengine.manifest import Manifest, Policy, judge, scopes_for
from tests.pluginengine.manifests import accepted, config, judged, places

HOOK_SCOPES = {"groupmenu": "group", "usermenu": "user", "cssfile": "page", "user_logo": "site"}


def answering(*hooks: str, **keys: object) -> Manifest:
    events = "\n".join(f"{hook}: [[a, NORMAL]]" for hook in hooks)
    manifest = judge(config(**keys), events).manifest
    assert manifest is not None
    return manifest


@pytest.mark.parametrize(
    ("hooks", "expected"),
    [
        ((), {"site"}),
        (("user_logo", "cssfile"), {"site"}),
        (("groupmenu",), {"group"}),
        (("usermenu", "cssfile"), {"user"}),
        (("usermenu", "groupmenu", "user_logo"), {"group", "user"}),
        (("nobody_offers_this",), {"site"}),
    ],
)
def test_scope_follows_from_the_hooks_answered(hooks: tuple[str, ...], expected: set[str]) -> None:
    """The manifest page: group for a group hook, user for a user hook, else site."""
    assert scopes_for(answering(*hooks), HOOK_SCOPES) == expected


def test_scope_follows_from_links_and_from_hooks_that_code_names() -> None:
    """Seed 001's links and GForge's get_hooks count as answers."""
    link = {"project-menu-features-list-hook": {"title": "Foo", "url": "/plugins/foo/"}}
    assert scopes_for(answering(links=link), HOOK_SCOPES) == {"group"}
    assert scopes_for(answering(), HOOK_SCOPES, ["usermenu"]) == {"user"}


def test_scope_that_is_given_wins() -> None:
    """The author's word against the derivation."""
    assert scopes_for(answering("groupmenu", scope=["site"]), HOOK_SCOPES) == {"site"}


def test_policy_is_allowed_unless_given() -> None:
    """Design 6: forced, on by default, allowed, forbidden."""
    assert accepted().policy == Policy(group="allowed", user="allowed")
    given = accepted(policy={"group": "forced", "user": "default_on"}).policy
    assert given == Policy(group="forced", user="default_on")


def test_policy_of_a_switch_that_the_plugin_lacks_is_a_warning() -> None:
    """It has no effect."""
    _manifest, faults, warnings = judged(scope=["group"], policy={"user": "forced"})
    assert faults == ()
    assert [warning.key for warning in warnings] == ["policy > user"]


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"scope": "group"}, "scope"),
        ({"scope": []}, "scope"),
        ({"scope": ["groups"]}, "scope > 1"),
        ({"scope": ["group", "group"]}, "scope > 2"),
        ({"policy": "forced"}, "policy"),
        ({"policy": {"group": "always"}}, "policy > group"),
    ],
)
def test_scope_or_policy_in_another_form_is_a_fault(keys: dict[str, object], place: str) -> None:
    """Words are spelled exactly."""
    assert places(judged(**keys)) == [f"config.yml {place}"]
