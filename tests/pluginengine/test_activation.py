"""The one predicate, as a table: enabled, healthy, policy, choice (design 6)."""

from types import SimpleNamespace

import pytest

from portal.pluginengine.activation import Activation, Switch


def switch(handle: str = "probe", plugin_id: int = 1, *, scopes=("group",), policy="allowed"):
    return Switch(
        handle=handle,
        plugin_id=plugin_id,
        scopes=frozenset(scopes),
        policies={"group": policy, "user": policy},
    )


def owner(scope: str = "group", **choices: bool) -> SimpleNamespace:
    """An owner whose choices are named p<plugin id>."""
    return SimpleNamespace(
        plugin_scope=scope, plugin_choices={int(name[1:]): used for name, used in choices.items()}
    )


@pytest.mark.parametrize(
    ("policy", "none", "yes", "no"),
    [
        ("forced", True, True, True),
        ("default_on", True, True, False),
        ("allowed", False, True, False),
        ("forbidden", False, False, False),
    ],
)
@pytest.mark.parametrize("scope", ["group", "user"])
def test_policy_and_choice_decide(scope, policy, none, yes, no):
    asked = switch(scopes=[scope], policy=policy)
    assert [asked.is_on(scope, choice) for choice in (None, True, False)] == [none, yes, no]


@pytest.mark.parametrize("policy", ["forced", "default_on", "allowed", "forbidden"])
@pytest.mark.parametrize("choice", [None, True, False])
@pytest.mark.parametrize(
    ("scopes", "is_on"),
    [(["site"], True), (["user"], False), (["site", "user"], True)],
)
def test_without_a_switch_of_the_scope_the_site_decides(scopes, is_on, policy, choice):
    assert switch(scopes=scopes, policy=policy).is_on("group", choice) is is_on


def test_on_the_site_every_running_plugin_is_active():
    activation = Activation(
        [switch("one", 1, policy="forbidden"), switch("two", 2, scopes=["user"])]
    )
    assert activation.site == {"one", "two"}
    assert activation.active_for(None) == {"one", "two"}
    assert activation.is_active("one")


def test_what_does_not_run_is_active_nowhere():
    activation = Activation([])
    assert not activation.is_active("ghost")
    assert not activation.is_active("ghost", owner(p1=True))
    assert activation.switch("ghost") is None


def test_predicate_and_active_set_agree():
    switches = [
        switch(f"{policy}{number}", number * 10 + index, policy=policy, scopes=scopes)
        for index, policy in enumerate(("forced", "allowed", "forbidden"))
        for number, scopes in enumerate((["group"], ["user"], ["site"], ["site", "group"]))
    ]
    activation = Activation(switches)
    for asked in (owner(), owner(p1=True, p31=False), owner("user", p11=True)):
        each_alone = {one.handle for one in switches if activation.is_active(one.handle, asked)}
        assert activation.active_for(asked) == each_alone


def test_equal_choices_share_one_set_so_that_dispatch_can_cache_by_it():
    activation = Activation([switch()])
    assert activation.active_for(owner(p1=True)) is activation.active_for(owner(p1=True))
    assert activation.active_for(owner(p1=True)) != activation.active_for(owner())


def test_a_group_and_a_person_with_equal_choices_are_kept_apart():
    activation = Activation([switch(scopes=["group"])])
    assert activation.active_for(owner("group", p1=True)) == {"probe"}
    assert activation.active_for(owner("user", p1=True)) == frozenset()


def test_the_cache_of_sets_has_a_bound():
    activation = Activation([switch()])
    for number in range(2, 9000):
        activation.active_for(owner(**{f"p{number}": True}))
    assert activation.active_for(owner(p1=True)) == {"probe"}
    assert len(vars(activation)["_sets"]) < 5000


def test_with_switch_lists_by_handle_those_that_have_one():
    activation = Activation(
        [
            switch("b", 2),
            switch("a", 1),
            switch("c", 3, scopes=["user"]),
            switch("d", 4, scopes=["site"]),
        ]
    )
    assert [each.handle for each in activation.with_switch("group")] == ["a", "b"]
    assert [each.handle for each in activation.with_switch("user")] == ["c"]
