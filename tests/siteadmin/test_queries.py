"""How many groups and people use a plugin: the numbers follow the predicate, policy for policy."""

import pytest

from portal.core.unit_of_work import unit_of_work
from portal.siteadmin.queries import OwnerCounts, group_counts, user_counts
from tests.factories import make_group, make_user
from tests.sampleplugins import PluginSite


@pytest.mark.parametrize(
    ("policy", "number"), [("forced", 10), ("default_on", 8), ("allowed", 3), ("forbidden", 0)]
)
def test_a_policy_decides_about_those_who_said_nothing(policy: str, number: int) -> None:
    """Design 6: of ten, three said yes and two said no."""
    counts = OwnerCounts(total=10, choices={(1, True): 3, (1, False): 2, (2, True): 9})
    assert counts.using(1, policy) == number


def test_the_numbers_agree_with_the_predicate(site: PluginSite) -> None:
    """Only active groups and people count; nobody else can see a plugin at work."""
    item = 'return MenuItem(key="x", title="X", url="/")'
    site.write("sample", {"groupmenu": item, "usermenu": item}, policy={"user": "default_on"})
    app = site.run("sample")
    with app.app_context(), unit_of_work():
        groups = [make_group("one"), make_group("two"), make_group("three")]
        users = [make_user("ann"), make_user("ben")]
        held = make_group("held", status="H")
        for owner in (groups[0], groups[1], held):
            owner.set_plugin_usage("sample", True)
        groups[1].set_plugin_usage("sample", False)
        users[0].set_plugin_usage("sample", False)
        (plugin_id,) = groups[0].plugin_choices
        assert group_counts().using(plugin_id, "allowed") == 1
        assert user_counts().using(plugin_id, "default_on") == 1
        assert sum(owner.uses_plugin("sample") for owner in groups) == 1
        assert sum(owner.uses_plugin("sample") for owner in users) == 1
