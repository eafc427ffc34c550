"""What plugins need: each other, and a portal that is new enough (2.3.3)."""

from dataclasses import replace

import pytest

from portal.pluginengine.dependencies import portal_version
from portal.pluginengine.errors import Refused
from portal.pluginengine.overview import plugin_status


@pytest.fixture
def needy(make_plugin):
    """Write a plugin that needs something: ``needy(plugins={"base": "1.0"})``."""

    def make(code="needy", **requires):
        return make_plugin(code, config={"requires": requires})

    return make


def status(site, code):
    with site.arrange("read"):
        return plugin_status(code)


@pytest.mark.parametrize("verb", ["install", "enable"])
def test_everything_that_is_missing_is_named_at_once(site, make_plugin, needy, verb):
    make_plugin("off")
    make_plugin("old")
    needy(
        plugins={"ghost": "1.0", "off": "1.0", "old": "2.0"},
        portal={"min": "99.0"},
    )
    site.operate("register", "off")
    site.operate("install", "old")
    if verb == "enable":
        site.operate("register", "needy")
    before = site.snapshot()
    with pytest.raises(Refused, match="Plugin Needy needs what is not there") as refusal:
        site.operate(verb, "needy")
    for each in (
        f"portal 99.0 (this is {portal_version()})",
        "plugin ghost (not installed)",
        "plugin off (disabled)",
        "plugin old 2.0 (here is 1.0)",
    ):
        assert each in refusal.value.cause
    assert site.snapshot() == before


def test_what_is_there_and_new_enough_is_enough(site, make_plugin, needy):
    make_plugin("base", config={"version": "2.05"})
    needy(plugins={"BASE": "2.0"}, portal={"min": portal_version(), "tested": portal_version()})
    site.operate("install", "base")
    outcome = site.operate("install", "needy")
    assert outcome.warnings == ()
    assert "needy" in site.engine.plugins


def test_an_update_may_need_more_than_the_version_before(site, needy):
    needy()
    site.operate("install", "needy")
    before = site.snapshot()
    folder = needy(plugins={"ghost": "1.0"})
    config = folder / "config.yml"
    config.write_text(config.read_text().replace("'1.0'\nreq", "'1.1'\nreq"))
    with pytest.raises(Refused, match=r"plugin ghost \(not installed\)"):
        site.operate("update", "needy")
    assert site.snapshot() == before


@pytest.mark.parametrize("verb", ["install", "enable"])
def test_a_portal_newer_than_the_last_one_tried_is_a_warning(site, needy, verb):
    needy(portal={"tested": "0.01"})
    if verb == "enable":
        site.operate("register", "needy")
    outcome = site.operate(verb, "needy")
    assert outcome.changed
    assert outcome.warnings == (
        f"Plugin Needy was tried with portals up to 0.01; this is {portal_version()}.",
    )


@pytest.mark.parametrize("verb", ["install", "enable", "update"])
def test_the_operator_may_have_it_refused_instead(site, needy, verb):
    needy(portal={"tested": "0.01" if verb != "update" else portal_version()})
    if verb == "enable":
        site.operate("register", "needy")
    if verb == "update":
        site.operate("install", "needy")
        config = needy(portal={"tested": "0.01"}) / "config.yml"
        config.write_text(config.read_text().replace("'1.0'\nreq", "'1.1'\nreq"))
    before = site.snapshot()
    site.app.extensions["portal.settings"] = replace(site.settings, plugin_untested="refuse")
    with pytest.raises(Refused, match=r"tried with portals up to 0\.01"):
        site.operate(verb, "needy")
    assert site.snapshot() == before


@pytest.fixture
def pair(site, make_plugin, needy):
    """Two plugins are enabled, of which the second needs the first."""
    make_plugin("base")
    needy(plugins={"Base": "1.0"})
    site.operate("install", "base")
    site.operate("install", "needy")
    return site


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        ("disable", {}),
        ("uninstall", {}),
        ("uninstall", {"force": True}),
        ("unregister", {"disable_first": True}),
    ],
)
def test_who_needs_a_plugin_is_named_when_it_is_to_go(pair, verb, options):
    before = pair.snapshot()
    with pytest.raises(Refused, match="Other plugins need Base: Needy"):
        pair.operate(verb, "base", **options)
    assert pair.snapshot() == before


def test_a_disabled_plugin_stands_in_the_way_of_uninstalling_only(pair):
    pair.operate("disable", "needy")
    pair.operate("disable", "base")
    with pytest.raises(Refused, match="Other plugins need Base: Needy"):
        pair.operate("uninstall", "base")
    pair.operate("uninstall", "needy")
    assert pair.operate("uninstall", "base").changed


def test_a_plugin_whose_requirement_is_disabled_can_be_uninstalled(pair):
    pair.operate("disable", "needy")
    pair.operate("disable", "base")
    outcome = pair.operate("uninstall", "needy")
    assert (outcome.changed, outcome.warnings) == (True, ())


def test_a_requirement_may_be_updated_but_not_below_what_is_needed(pair, make_plugin):
    make_plugin("base", config={"version": "1.5"})
    assert pair.operate("update", "base").changed
    make_plugin("base", config={"version": "0.5"})
    before = pair.snapshot()
    with pytest.raises(Refused, match=r"need a newer version of Base than 0.5: Needy \(1.0\)"):
        pair.operate("update", "base", allow_older=True)
    assert pair.snapshot() == before


def test_an_enabled_plugin_whose_requirement_vanished_runs_on_and_says_what_is_missing(
    pair, plugin_folder
):
    """The folder of what it needs was taken away behind the portal's back."""
    (plugin_folder / "base" / "config.yml").unlink()
    pair.refresh()
    assert set(pair.engine.plugins) == {"needy"}
    assert status(pair, "needy").state == "enabled"
    assert status(pair, "needy").missing == ("plugin Base (it does not run)",)
    assert status(pair, "base").dependents == ("Needy",)


def test_a_plugin_that_has_what_it_needs_misses_nothing(pair):
    assert status(pair, "needy").missing == ()
