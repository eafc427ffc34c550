"""URL rules are read once a process and mean what Werkzeug's mean (engineering A7)."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter, BuildError, Map, Rule

from portal.web.rules import PortalMap, SharedRule

RULES = (
    "/",
    "/groups/",
    "/groups/<name>/",
    "/groups/<name>/admin/roles/<int:role_id>/",
    "/groups/<name>/admin/roles/<int(max=9):role_id>",
    "/plugins/<handle>/static/<path:filename>",
    "/a b/<name>.<kind>",
    "/doubled//slash/<name>",
    "/<any(one, two):word>/end",
)
PATHS = (
    "/",
    "/groups",
    "/groups/apollo/",
    "/groups//apollo/",
    "/groups/apollo/admin/roles/7/",
    "/groups/apollo/admin/roles/7",
    "/groups/apollo/admin/roles/77",
    "/plugins/hello/static/a/b/c.css",
    "/a b/x.y",
    "/doubled/slash/x",
    "/one/end",
    "/three/end",
)
VALUES = (
    {"name": "apollo"},
    {"name": "a/b ü", "role_id": 7, "more": "x y"},
    {"handle": "hello", "filename": "a/b.css"},
    {"name": "x", "kind": "y", "role_id": 10},
    {"word": "two"},
)


def made(rule_class: type[Rule], map_class: type[Map]) -> Map:
    """Return a map of all rules."""
    rules = [rule_class(rule, endpoint=str(number)) for number, rule in enumerate(RULES)]
    return map_class([*rules, rule_class("/page/", endpoint="d", defaults={"number": 1})])


def told(ask: Any) -> str:
    """Return what came of a question to the map."""
    try:
        return str(ask())
    except (HTTPException, BuildError, ValueError) as error:
        return f"{type(error).__name__} {getattr(error, 'new_url', '')}"


def everything(rules: Map) -> list[str]:
    """Return what each path leads to, and which addresses are made of the values."""
    adapter = rules.bind("portal.example")
    found = [told(lambda path=path: adapter.match(path)) for path in PATHS]
    for endpoint in (*map(str, range(len(RULES))), "d"):
        found += [told(lambda e=endpoint, v=v: adapter.build(e, v)) for v in VALUES]
        found += [
            told(lambda e=endpoint, v=v: adapter.build(e, v, append_unknown=False)) for v in VALUES
        ]
    return found


def test_they_lead_and_build_as_werkzeugs_do_the_second_time_too() -> None:
    expected = everything(made(Rule, Map))
    assert everything(made(SharedRule, PortalMap)) == expected
    assert everything(made(SharedRule, PortalMap)) == expected
    assert any(each.startswith("('4'") for each in expected)


def test_maps_of_two_generations_share_what_an_address_means_and_nothing_else() -> None:
    first, second = made(SharedRule, PortalMap), made(SharedRule, PortalMap)
    pairs = list(zip(first.iter_rules(), second.iter_rules(), strict=True))
    shared = [one for one, other in pairs if one._parts is other._parts]
    assert len(shared) == len(RULES)
    assert all(one.arguments is not other.arguments for one, other in pairs)
    gone = weakref.ref(first)
    del first, pairs, shared
    gc.collect()
    assert gone() is None


class Shouted(BaseConverter):
    """A converter that an app of its own brings."""

    def to_url(self, value: str) -> str:
        """Return it in capitals."""
        return value.upper()


def test_a_map_with_a_converter_of_its_own_reads_its_rules_itself() -> None:
    """The same text may mean something else there."""
    plain = PortalMap([SharedRule("/<name>", endpoint="x")])
    shouting = PortalMap(converters={"default": Shouted})
    shouting.add(SharedRule("/<name>", endpoint="x"))
    assert plain.bind("h").build("x", {"name": "a"}) == "/a"
    assert shouting.bind("h").build("x", {"name": "a"}) == "/A"


@pytest.mark.parametrize("rule", ["/<name", "no-slash", "/<nothing:name>", "/<name>/<name"])
def test_what_is_no_rule_is_refused_each_time(rule: str) -> None:
    for _time in range(2):
        with pytest.raises((ValueError, LookupError)):
            PortalMap([SharedRule(rule, endpoint="x")])
