"""What a group's summary page costs, on both databases (issue 2, "It must show")."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from portal.core.unit_of_work import unit_of_work
from portal.groups.queries import find_group
from tests.factories import make_group, make_member, make_user, sign_in
from tests.sampleplugins import PluginSite

CountSelects = Callable[[], AbstractContextManager[list[str]]]
LETTERS = "abcdefghij"


@pytest.mark.parametrize("count", [0, 10, 50])
def test_the_summary_page_costs_a_member_four_selects_however_many_plugins(
    site: PluginSite, count_selects: CountSelects, count: int
) -> None:
    """Issue 2: at most 4 SELECTs for a member, 3 for an anonymous visitor; engineering 2 (i)."""
    handles = [f"sample{LETTERS[each // 10]}{LETTERS[each % 10]}" for each in range(count)]
    for handle in handles:
        tab = f'return MenuItem(key="{handle}", title="Tab {handle}", url="/")'
        text = f'return Markup("<p>Text of {handle}</p>")'
        site.write(handle, {"groupmenu": tab, "project_after_description": text})
    app = site.run(*handles)
    with app.app_context(), unit_of_work():
        bob, apollo = make_user("bob"), make_group("apollo")
        make_member(apollo, bob)
        assert all(apollo.set_plugin_usage(handle, True) for handle in handles)
    client = app.test_client()
    client.get("/groups/apollo/")

    with count_selects() as anonymous:
        page = client.get("/groups/apollo/").text
    sign_in(client, bob)
    with count_selects() as member:
        client.get("/groups/apollo/")

    assert page.count(">Tab sample") == count
    assert page.count("Text of sample") == count
    assert len(anonymous) <= 3, "\n".join(anonymous)
    assert len(member) <= 4, "\n".join(member)


def test_a_group_and_its_plugin_choices_come_in_one_select(
    site: PluginSite, count_selects: CountSelects
) -> None:
    """Design 8: the active set of plugins is read with the group's row."""
    site.write("sample", {"groupmenu": "return None"})
    app = site.run("sample")
    with app.app_context(), unit_of_work():
        make_group("apollo").set_plugin_usage("sample", True)
    with app.app_context(), unit_of_work("read"), count_selects() as selects:
        group = find_group("apollo", None)
        assert group.uses_plugin("sample")
        assert group.plugin_choice("sample") is True
    assert len(selects) == 1
