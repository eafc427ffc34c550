"""event.yml: which handler answers which hook, in which band (E-26 to E-31)."""

from __future__ import annotations

import pytest

from portal.pluginengine.manifest import HandlerDeclaration, Judgement, judge, unknown_hooks
from tests.pluginengine.manifests import accepted, config, places, rules

EVENTS = """
groupmenu:
  - {handler: tab, type: NORMAL}
  - handler: audit
    type: FIRST
project_after_description:
  - [text, LAST]
"""


def judged_events(text: str | None) -> Judgement:
    return judge(config(), text)


def test_handlers_are_read_in_the_order_of_the_file_in_both_forms() -> None:
    """E-26 to E-28: mapping or two elements in a list."""
    manifest = judged_events(EVENTS).manifest
    assert manifest is not None
    assert manifest.handlers == (
        HandlerDeclaration(event="groupmenu", handler="tab", type="NORMAL"),
        HandlerDeclaration(event="groupmenu", handler="audit", type="FIRST"),
        HandlerDeclaration(event="project_after_description", handler="text", type="LAST"),
    )


@pytest.mark.parametrize("text", [None, "", "# nothing yet", "groupmenu:", "groupmenu: []"])
def test_plugin_may_have_no_handlers(text: str | None) -> None:
    """event.yml is optional."""
    manifest = judged_events(text).manifest
    assert manifest is not None
    assert manifest.handlers == ()


def test_hook_names_may_hold_dots() -> None:
    """2.3.1: names of events are free but for white space."""
    manifest = judged_events("eccube.event.front: [[a, NORMAL]]").manifest
    assert manifest is not None
    assert manifest.handlers[0].event == "eccube.event.front"


@pytest.mark.parametrize("band", ["normal", "First", "MIDDLE", "", "NORMAL ", "0"])
def test_type_is_exactly_one_of_three_words(band: str) -> None:
    """E-29; acceptance check 13."""
    judgement = judged_events(f'groupmenu: [{{handler: tab, type: "{band}"}}]')
    assert places(judgement) == ["event.yml groupmenu > 1 > type"]
    assert "FIRST, NORMAL, LAST" in rules(judgement)


@pytest.mark.parametrize("handler", ["do-it", "a b", "", "é", "a.b", "h" * 256])
def test_handler_with_other_characters_is_a_fault(handler: str) -> None:
    """E-31; acceptance check 13."""
    judgement = judged_events(f'groupmenu: [["{handler}", NORMAL]]')
    assert places(judgement) == ["event.yml groupmenu > 1 > handler"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("- groupmenu", "event.yml"),
        ("groupmenu", "event.yml"),
        ("groupmenu: tab", "event.yml groupmenu"),
        ("groupmenu: {handler: tab, type: NORMAL}", "event.yml groupmenu"),
        ("groupmenu: [tab]", "event.yml groupmenu > 1"),
        ("groupmenu: [[tab]]", "event.yml groupmenu > 1"),
        ("groupmenu: [[tab, NORMAL, 3]]", "event.yml groupmenu > 1"),
        ("groupmenu: [{handler: tab}]", "event.yml groupmenu > 1 > type"),
        ("groupmenu: [{type: NORMAL}]", "event.yml groupmenu > 1 > handler"),
        ("groupmenu: [[[tab], NORMAL]]", "event.yml groupmenu > 1 > handler"),
        ("group menu: [[tab, NORMAL]]", "event.yml group menu"),
        ('"": [[tab, NORMAL]]', "event.yml"),
        ("groupmenu: [[tab, NORMAL]\n", "event.yml"),
    ],
)
def test_other_shape_is_a_fault_at_its_place(text: str, place: str) -> None:
    """E-26, E-27."""
    judgement = judged_events(text)
    assert judgement.manifest is None
    assert places(judgement) == [place]


def test_handler_answers_a_hook_once() -> None:
    """2.3.1: the pair of event and handler does not repeat."""
    judgement = judged_events("groupmenu: [[tab, NORMAL], [tab, LAST]]\nusermenu: [[tab, LAST]]")
    assert places(judgement) == ["event.yml groupmenu > 2"]


def test_hook_written_twice_is_a_fault_not_a_loss() -> None:
    """A YAML loader would keep the last one in silence (E-28)."""
    judgement = judged_events("groupmenu: [[a, NORMAL]]\ngroupmenu: [[b, NORMAL]]")
    assert "only once" in rules(judgement)


def test_hook_that_nobody_offers_is_named_with_its_neighbour() -> None:
    """Design 5: subscribing to an unknown hook is reported by name."""
    manifest = judge(
        config(links={"usermenu": {"title": "Foo", "url": "/plugins/foo/"}}),
        "group_approve: [[a, NORMAL]]\ncssfile: [[b, LAST]]\nzzz: [[c, LAST], [d, LAST]]",
    ).manifest
    assert manifest is not None
    faults = unknown_hooks(manifest, {"group_approved", "cssfile", "groupmenu"})
    assert [(fault.file, fault.value) for fault in faults] == [
        ("event.yml", "group_approve"),
        ("event.yml", "zzz"),
        ("config.yml", "usermenu"),
    ]
    assert "Did you mean group_approved?" in faults[0].rule
    assert "Did you mean" not in faults[1].rule


def test_known_hooks_are_no_fault() -> None:
    """The other side of the rule above."""
    assert unknown_hooks(accepted(), ()) == ()
