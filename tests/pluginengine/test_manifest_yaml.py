"""The files as texts of strangers: scalars stay text (R-02), all faults told, no bombs."""

from __future__ import annotations

import json
import time

import pytest

from portal.pluginengine.manifest import judge
from portal.pluginengine.manifest.yamltext import MAX_CHARACTERS, read_yaml
from tests.pluginengine.manifests import BASE, config, judged, places, rules


@pytest.mark.parametrize("text", ["1.10", "007", "yes", "null", "~", "2015-06-01", "0x10", "1e3"])
def test_scalar_stays_the_text_that_was_written(text: str) -> None:
    """0.4, the YAML trap."""
    assert read_yaml("config.yml", f"a: {text}") == ({"a": text}, [])


def test_key_with_nothing_after_it_is_absent_and_an_empty_text_is_not() -> None:
    """The difference that `event:` and `event: ""` make in the original, too."""
    assert read_yaml("config.yml", 'a:\nb: ""') == ({"a": None, "b": ""}, [])


def test_all_faults_of_both_files_are_told_at_once() -> None:
    """Each with file, key, value and rule; config.yml first."""
    judgement = judge(
        "name: [x]\ncode: a-b\nversion: 1.42.1\norm.path: x\nlinks: 3",
        "groupmenu: [[do-it, normal]]",
    )
    assert places(judgement) == [
        "config.yml code",
        "config.yml name",
        "config.yml version",
        "config.yml orm.path",
        "config.yml links",
        "event.yml groupmenu > 1 > handler",
        "event.yml groupmenu > 1 > type",
    ]
    told = str(judgement.faults[2])
    assert told.startswith("config.yml, version: '1.42.1'.")
    assert "positive decimal number" in told


def test_fault_in_one_file_does_not_hide_those_of_the_other() -> None:
    """A broken config.yml leaves event.yml to be judged."""
    judgement = judge("a: [", "groupmenu: x")
    assert places(judgement) == ["config.yml", "event.yml groupmenu"]
    assert "Line 1 is not YAML" in rules(judgement)


@pytest.mark.parametrize("text", ["", "# empty", "- a", "text", "[]", '""'])
def test_config_that_is_no_mapping_is_one_fault(text: str) -> None:
    """Acceptance check 13: absent, a list, broken."""
    assert places(judge(text)) == ["config.yml"]


def test_unknown_key_is_a_warning_with_the_nearest_known_name() -> None:
    """Unknown keys never refuse a plugin and stay in `raw`."""
    manifest, faults, warnings = judged(autor="ACME", permissions={"group.x": {"lable": "X"}}, q=1)
    assert faults == ()
    assert manifest is not None
    assert manifest.warnings == warnings
    assert manifest.raw["autor"] == "ACME"
    told = {warning.key: warning.rule for warning in warnings}
    assert set(told) == {"autor", "permissions > group.x > lable", "q"}
    assert "Did you mean author?" in told["autor"]
    assert "Did you mean label?" in told["permissions > group.x > lable"]
    assert "Did you mean" not in told["q"]


def test_key_given_twice_is_a_fault_with_its_line() -> None:
    """YAML loaders keep the last one in silence."""
    judgement = judge(config() + "version: 2.0\nsettings: {a: {}, a: {}}")
    assert places(judgement) == ["config.yml", "config.yml settings"]
    assert "Line 4" in rules(judgement)


def test_anchors_and_aliases_are_read() -> None:
    """Harmless as long as they are small."""
    judgement = judge(config() + "author: &who ACME\nlicense: *who\nform: &l [A]\nservice: *l")
    assert judgement.manifest is not None
    assert judgement.manifest.license == "ACME"
    assert [path.name for path in judgement.manifest.service] == ["A"]


def test_merge_key_is_refused_with_what_to_do() -> None:
    """Merging would hide where a value comes from."""
    judgement = judge(config() + "policy: &p {group: forced}\nscope:\n<<: *p")
    assert rules(judgement) == "Line 6: Mappings are not merged: write the keys out."


@pytest.mark.parametrize(
    "text", ["!!python/object/apply:os.system [x]", "!!int 5", "!!binary aaaa"]
)
def test_tags_have_no_effect(text: str) -> None:
    """Nothing is made but text, lists and mappings."""
    node, faults = read_yaml("config.yml", f"a: {text}")
    assert faults == []
    assert json.dumps(node)


LAUGHS = "a0: &a0 [x, x]\n" + "\n".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)
)
HOSTILE = {
    "alias bomb": LAUGHS,
    "text bomb": f"a: &a {'x' * 30_000}\n" + "\n".join(f"b{n}: *a" for n in range(3000)),
    "deep list": "[" * 30_000,
    "deep mapping": "{a: " * 10_000,
    "deep by aliases": "a0: &a0 []\n" + "\n".join(
        f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 2000)),
    "deep indentation": "\n".join(" " * n + "a:" for n in range(300)),
    "refers to itself": "a: &a [*a]",
    "unknown alias": "a: *b",
    "too long": "a: " + "x" * MAX_CHARACTERS,
    "too many": "\n".join(f"a{n}:" for n in range(MAX_CHARACTERS // 6)),
    "many hyphens": "- " * 30_000,
    "many questions": "? " * 30_000,
    "long directive": "%YAML 1." + "9" * 5000 + "\n---\na: b",
    "escape beyond Unicode": '"\\UFFFFFFFF": a',
    "list as key": "? [a]\n: b",
    "alias as key": "a: &a b\n*a : c",
    "second document": "a: b\n---\nc: d",
    "nul": "a: \x00",
    "nul in disguise": 'a: "\\0"',
    "half a character": 'a: "\\ud800"',
    "bare half a character": "a: \ud800",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_a_fault_and_soon_told(text: str) -> None:
    """Bombs are refused before they are built; no text takes seconds."""
    began = time.process_time()
    node, faults = read_yaml("config.yml", text)
    assert faults
    assert len(repr(node)) < 10 * MAX_CHARACTERS
    assert judge(text, text).manifest is None
    assert time.process_time() - began < 5


def test_many_unknown_keys_are_soon_told() -> None:
    """The search for the nearest name is bounded by the size of the file."""
    began = time.process_time()
    judgement = judge(config() + "\n".join(f"version{n}:" for n in range(4000)))
    assert len(judgement.warnings) == 4000
    assert time.process_time() - began < 10


def test_long_value_is_cut_in_the_message_and_kept_in_the_fault() -> None:
    """A message stays readable."""
    fault = judged(version="9" * 400).faults[0]
    assert fault.value == "9" * 400
    assert len(str(fault)) < 300


def test_raw_is_plain_data() -> None:
    """E-35: callbacks get the parsed config.yml as a dict."""
    manifest = judge(config(cron=[{"task": "sync", "schedule": "@daily"}])).manifest
    assert manifest is not None
    assert type(manifest.raw) is dict
    assert manifest.raw == {**BASE, "cron": [{"task": "sync", "schedule": "@daily"}]}
