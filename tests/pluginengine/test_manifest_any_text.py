"""Whatever the files hold, the judge answers with a manifest or with faults, never an exception."""

from __future__ import annotations

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.pluginengine.manifest import KEYS, Judgement, judge
from tests.pluginengine.manifests import BASE

WORDS = st.sampled_from([
    "site", "group", "user", "system.x", "blog.x", "group.x", "forced", "string(3)", "integer",
    "FIRST", "NORMAL", "handler", "type", "label", "order", "min", "max", "default", "choices",
    "scope", "portal", "plugins", "code", "version", "1.0", "1.42.1", "none", "true", "@daily",
    "task", "schedule", "table", "user_column", "plugin_foo_a", "title", "url", "/x", "a", "",
    "permitted_action", "inherit_from", "display", "id", "auto_increment", "models:Foo", "-1",
    "list", "everybody", "only", "columns", "sort", "view", "title",
])  # fmt: skip
SCALARS = st.one_of(WORDS, st.text(max_size=20), st.integers(), st.floats(), st.booleans())
NODES = st.recursive(
    st.one_of(SCALARS, st.none()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SCALARS, inner, max_size=4),
    max_leaves=12,
)
CONFIGS = st.dictionaries(st.sampled_from(KEYS), NODES, max_size=6).map(
    lambda keys: yaml.safe_dump(BASE | keys)
)
EVENTS = st.dictionaries(SCALARS, NODES, max_size=3).map(yaml.safe_dump)
TEXTS = st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>%@`'\"#,? \n\t\\x0u~<=1.\ud800\x00é"))


def check(judgement: Judgement) -> None:
    manifest, faults, warnings = judgement
    assert (manifest is None) == bool(faults)
    for fault in (*faults, *warnings):
        assert fault.file in ("config.yml", "event.yml")
        assert fault.rule
        assert str(fault)
    if manifest is not None:
        assert hash(manifest)


@given(st.one_of(st.text(), TEXTS), st.one_of(st.none(), st.text(), TEXTS))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_judged(config: str, event: str | None) -> None:
    """E-17 to E-31."""
    check(judge(config, event))


@given(CONFIGS, EVENTS)
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_shape_under_the_known_keys_is_judged(config: str, event: str) -> None:
    """E-17 to E-31, M-01 to M-36."""
    check(judge(config, event, folder="Foo", holds=lambda path: True))
