"""The handler table of a hook as it is shown: sections, who is not called and why (P-02, P-03, P-07, 2.3.1)."""

from __future__ import annotations

import pytest

from portal.pluginengine.handlertable import read_table
from tests.pluginengine.ordered import EVENTS, HOOK, METHODS, called, ordered_site


@pytest.fixture
def ordered(site, make_plugin):
    """A site whose plugin answers one hook in every band, and another hook once."""
    return ordered_site(site, make_plugin)


def test_handlers_of_plugins_that_do_not_run_are_listed_with_the_reason(ordered, make_plugin):
    """2.3.1: priority 0 when ineffective, with the reason."""

    def reasons() -> set[tuple[int, str]]:
        with ordered.arrange("read"):
            return {(line.priority, line.idle) for line in read_table(HOOK).lines}

    ordered.operate("disable", "probe")
    assert reasons() == {(0, "the plugin is disabled")}
    ordered.operate("enable", "probe")
    make_plugin("probe", files={"plugin.py": "raise ImportError('lost')"})
    ordered.refresh()
    assert reasons() == {(0, "the plugin does not run")}


def test_a_row_whose_handler_has_left_the_code_says_so(ordered, make_plugin):
    make_plugin("probe", files={"event.yml": EVENTS.replace("- {handler: two, type: NORMAL}", "")})
    ordered.refresh()
    with ordered.arrange("read"):
        idle = {line.handler: line.idle for line in read_table(HOOK).lines}
    assert idle.pop("two") == "the plugin's code no longer has it"
    assert set(idle.values()) == {""}


def test_a_handler_without_a_row_stands_after_all_others_at_minus_500(ordered, make_plugin):
    """P-07: until the plugin is enabled again, its new handler has no row."""
    more = EVENTS.replace("    groupmenu:", "    - {handler: fresh, type: FIRST}\n    groupmenu:")
    methods = METHODS + "\ndef fresh(self):\n    return None"
    make_plugin("probe", methods=methods, files={"event.yml": more})
    ordered.refresh()
    with ordered.arrange("read"):
        table = read_table(HOOK)
    assert [(each.name, each.priority) for each in table.unlisted] == [("fresh", -500)]
    assert called(ordered)[-1] == "fresh"


def test_the_sections_are_first_normal_last_and_the_host_stands_before_them(ordered):
    """P-02, design 5: host handlers first, outside the table."""
    with ordered.arrange("read"):
        table = read_table("groupmenu")
        sections = {each.handler_type: each for each in read_table(HOOK).sections}
    assert table.host
    assert list(sections) == ["FIRST", "NORMAL", "LAST"]
    normal = sections["NORMAL"].lines
    assert [(each.can_rise, each.can_sink) for each in normal] == [
        (False, True),
        (True, True),
        (True, False),
    ]
