"""Who uses which plugin: predicate, stored choice, and the one write behind them (seeds 001 and 004)."""

import logging

import pytest
from sqlalchemy import select, update

from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.database import db
from portal.groups.models import Group
from portal.groups.queries import find_group
from portal.pluginengine.errors import Refused, Veto
from portal.pluginengine.models import PluginRow
from portal.pluginengine.operations import raise_generation
from portal.pluginengine.usage import change_usage, using_plugin
from tests.factories import make_group, make_user

RECORDER = """
def told(self, plugin, enabled, {owner}):
    self.logger.info("told %s %s %s", plugin, enabled, {owner}.{key})

def asked(self, plugin, enable, {owner}):
    self.logger.info("asked %s %s %s", plugin, enable, {owner}.{key})
    if plugin == "refused":
        from portal.pluginapi import Veto
        raise Veto("Not on a Sunday.")
"""
OWNERS = {
    "group": lambda: find_group("apollo", None),
    "user": lambda: find_user("alice"),
}


@pytest.fixture
def usage(site, make_plugin):
    """Plugins for every case, and a recorder for the site that listens to all changes."""
    for code in ("probe", "refused"):
        make_plugin(code, config={"scope": ["group", "user"]})
    make_plugin("sitewide", config={"scope": ["site"]})
    for owner, key in (("group", "name"), ("user", "user_name")):
        make_plugin(
            f"recorder{owner}",
            config={"scope": ["site"]},
            events={f"{owner}_plugin_use": ["told"], f"{owner}_plugin_changing": ["asked"]},
            methods=RECORDER.format(owner=owner, key=key),
        )
    site.write_down("probe", "refused", "sitewide", "recordergroup", "recorderuser")
    with site.arrange():
        make_group("apollo")
        make_user("alice")
    return site


@pytest.fixture(params=OWNERS)
def find(request):
    """Finds the owner, a group or a person, in the running unit of work."""
    return OWNERS[request.param]


@pytest.fixture
def told(caplog):
    """What the recorder was asked and told so far."""
    caplog.set_level(logging.INFO, logger="portal.plugin")
    return lambda: [each.message for each in caplog.records if "recorder" in each.name]


def set_policy(site, policy: str, handle: str = "probe") -> None:
    with site.arrange():
        db.session.execute(
            update(PluginRow)
            .where(PluginRow.plugin_name == handle)
            .values(group_policy=policy, user_policy=policy)
        )
        raise_generation()
    site.refresh()


def test_without_a_choice_an_allowed_plugin_is_not_used(usage, find):
    with usage.arrange("read"):
        owner = find()
        assert (owner.uses_plugin("probe"), owner.plugin_choice("probe")) == (False, None)


@pytest.mark.parametrize("used", [True, False])
def test_a_choice_is_stored_and_decides(usage, find, used):
    with usage.arrange():
        assert find().set_plugin_usage("probe", used) is True
    with usage.arrange("read"):
        owner = find()
        assert (owner.uses_plugin("probe"), owner.plugin_choice("probe")) == (used, used)


def test_a_choice_can_be_changed_back_and_forth_in_one_row(usage, find):
    for used in (True, False, True):
        with usage.arrange():
            assert find().set_plugin_usage("probe", used) is True
    with usage.arrange("read"):
        owner = find()
        rows = db.session.scalars(select(owner.plugin_use)).all()
        assert [row.used for row in rows] == [True]


def test_the_object_in_hand_knows_its_new_choice_at_once(usage, find):
    with usage.arrange():
        owner = find()
        assert not owner.uses_plugin("probe")
        owner.set_plugin_usage("probe", True)
        assert owner.uses_plugin("probe")
        assert find().uses_plugin("probe")


def test_storing_the_same_choice_again_is_a_success_that_tells_nobody(usage, find, told):
    with usage.arrange():
        find().set_plugin_usage("probe", True)
    before = told()
    with usage.arrange():
        assert find().set_plugin_usage("probe", True) is True
        assert change_usage(find(), "probe", True) is False
    assert told() == before


def test_off_on_the_site_nobody_uses_it_and_the_choice_is_still_there(usage, find):
    with usage.arrange():
        find().set_plugin_usage("probe", True)
    usage.operate("disable", "probe")
    with usage.arrange("read"):
        owner = find()
        assert (owner.uses_plugin("probe"), owner.plugin_choice("probe")) == (False, True)


@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("handle", ["ghost", "sitewide", "", "PROBE"])
def test_what_cannot_be_switched_here_is_false_with_its_reason_logged(
    usage, find, caplog, handle, used
):
    with usage.arrange():
        assert find().set_plugin_usage(handle, used) is False
    assert f"The plugin {handle} cannot be switched here." in caplog.text


def test_a_disabled_plugin_cannot_be_switched(usage, find):
    usage.operate("disable", "probe")
    with usage.arrange():
        assert find().set_plugin_usage("probe", True) is False


@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("policy", ["forced", "forbidden"])
def test_policy_that_leaves_no_choice_makes_it_false(usage, find, policy, used):
    set_policy(usage, policy)
    with usage.arrange():
        owner = find()
        assert owner.set_plugin_usage("probe", used) is False
        assert owner.uses_plugin("probe") is (policy == "forced")
        assert owner.plugin_choice("probe") is None
        with pytest.raises(Refused, match="by the site") as refusal:
            change_usage(owner, "probe", used)
        assert "site admin" in refusal.value.remedy


def test_under_default_on_a_row_can_say_no(usage, find):
    set_policy(usage, "default_on")
    with usage.arrange():
        owner = find()
        assert owner.uses_plugin("probe")
        assert owner.set_plugin_usage("probe", False) is True
        assert not owner.uses_plugin("probe")


def test_choices_outlive_a_policy(usage, find):
    with usage.arrange():
        find().set_plugin_usage("probe", True)
    set_policy(usage, "forbidden")
    with usage.arrange("read"):
        assert not find().uses_plugin("probe")
    set_policy(usage, "allowed")
    with usage.arrange("read"):
        assert find().uses_plugin("probe")


def test_a_veto_leaves_everything_as_it_was(usage, find, told):
    with usage.arrange():
        owner = find()
        assert owner.set_plugin_usage("refused", True) is False
        with pytest.raises(Veto, match="Not on a Sunday"):
            change_usage(owner, "refused", True)
        assert owner.plugin_choice("refused") is None
    assert not [each for each in told() if each.startswith("told")]
    with usage.arrange("read"):
        assert find().plugin_choice("refused") is None


def test_plugins_are_asked_before_and_told_after_the_commit(usage, find, told):
    with usage.arrange():
        owner = find()
        name = getattr(owner, "name", None) or owner.user_name
        owner.set_plugin_usage("probe", True)
        assert told() == [f"asked probe True {name}"]
    assert told() == [f"asked probe True {name}", f"told probe True {name}"]


def test_nobody_is_told_of_what_was_rolled_back(usage, find, told):
    with pytest.raises(RuntimeError), usage.arrange():
        find().set_plugin_usage("probe", True)
        raise RuntimeError
    assert not [each for each in told() if each.startswith("told")]
    with usage.arrange("read"):
        assert find().plugin_choice("probe") is None


def test_the_seeds_names_mean_the_same(usage, find):
    with usage.arrange():
        owner = find()
        assert owner.setPluginUsage("probe", True) is True
        assert owner.usesPlugin("probe") is True


def test_choices_come_with_the_owners_row(usage, find, count_selects):
    with usage.arrange():
        find().set_plugin_usage("probe", True)
    with usage.arrange("read"), count_selects() as selects:
        owner = find()
        assert owner.uses_plugin("probe")
        assert not owner.uses_plugin("refused")
    assert len(selects) == 1


def test_choices_of_an_owner_loaded_otherwise_are_read_once(usage, count_selects):
    with usage.arrange("read"):
        owner = db.session.scalars(select(Group)).one()
        with count_selects() as selects:
            for _ in range(3):
                owner.uses_plugin("probe")
    assert len(selects) == 1


@pytest.mark.parametrize("policy", ["forced", "default_on", "allowed", "forbidden"])
def test_the_predicate_in_sql_agrees_with_the_predicate(usage, policy):
    with usage.arrange():
        find_group("apollo", None).set_plugin_usage("probe", True)
        make_group("mercury").set_plugin_usage("probe", False)
        make_group("gemini")
        find_user("alice").set_plugin_usage("probe", False)
        make_user("bob")
    set_policy(usage, policy)
    with usage.arrange("read"):
        for model in (Group, User):
            for handle in ("probe", "sitewide", "refused", "ghost"):
                owners = db.session.scalars(select(model)).all()
                chosen = db.session.scalars(select(model).where(using_plugin(model, handle))).all()
                assert set(chosen) == {each for each in owners if each.uses_plugin(handle)}
