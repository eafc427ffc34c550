"""Who a plugin is: name, code, handle, version, class, event (E-17 to E-25, M-01 to M-07, R-01)."""

from __future__ import annotations

import pytest

from portal.pluginengine.manifest import CodePath, judge
from portal.pluginengine.naming import PROJECT
from tests.pluginengine.manifests import BASE, accepted, config, judged, places, rules


def test_least_manifest_is_accepted_with_every_default() -> None:
    """E-17, E-23, E-24: name, code and version are required, all else is optional."""
    manifest = accepted()
    assert (manifest.name, manifest.code, manifest.handle) == ("Foo", "Foo", "foo")
    assert manifest.version == "1.0"
    assert manifest.handlers == ()
    assert manifest.scope is None
    assert manifest.warnings == ()


@pytest.mark.parametrize("key", ["name", "code", "version"])
def test_required_key_that_is_missing_is_a_fault(key: str) -> None:
    """E-17, E-23, E-24; acceptance check 13."""
    text = "\n".join(f"{name}: {value}" for name, value in BASE.items() if name != key)
    judgement = judge(text)
    assert judgement.manifest is None
    assert places(judgement) == [f"config.yml {key}"]
    assert "missing" in rules(judgement)


@pytest.mark.parametrize("key", ["name", "code", "version"])
def test_required_key_with_nothing_after_it_is_a_fault(key: str) -> None:
    """E-17, E-23, E-24."""
    text = "\n".join(f"{name}: {'' if name == key else value}" for name, value in BASE.items())
    assert places(judge(text)) == [f"config.yml {key}"]


@pytest.mark.parametrize("name", ["Gästebuch", "日本語", "A - b.c#d", "  padded  "])
def test_name_is_free_text(name: str) -> None:
    """E-25: no such limit on the name; M-01."""
    assert accepted(name=name).name == name.strip()


@pytest.mark.parametrize("code", ["a-b", "a.b", "a b", "á", "ａ", "foo\n", "", "a" * 256, "2a"])
def test_illegal_code_is_a_fault(code: str) -> None:
    """E-25; acceptance check 13."""
    judgement = judged(code=code)
    assert places(judgement) == ["config.yml code"]
    assert judgement.faults[0].value == code


@pytest.mark.parametrize("version", ["0.45a", "version 3", "1.42.1", "0", "1e3", "-1"])
def test_version_that_is_no_positive_decimal_is_a_fault(version: str) -> None:
    """M-06, M-07, R-02."""
    judgement = judged(version=version)
    assert places(judgement) == ["config.yml version"]
    assert judgement.faults[0].value == version
    assert "positive decimal number" in rules(judgement)


@pytest.mark.parametrize("version", ["1.0", "2.05", "0.03", "1.10", "1.00"])
def test_version_stays_as_written_though_yaml_would_read_a_number(version: str) -> None:
    """E-24, R-02; acceptance check 13: 1.10 is stored as 1.10."""
    manifest, faults, _warnings = judge(f"name: Foo\ncode: Foo\nversion: {version}")
    assert faults == ()
    assert manifest is not None
    assert manifest.version == version
    assert manifest.raw["version"] == version


def test_handle_can_be_given() -> None:
    """R-01: code and handle keep each their own rule."""
    manifest = accepted(code="Foo_2", handle="footwo")
    assert (manifest.code, manifest.handle) == ("Foo_2", "footwo")


def test_code_that_yields_no_handle_asks_for_one() -> None:
    """R-01, 0.2."""
    judgement = judged(code="foo_2")
    assert places(judgement) == ["config.yml handle"]
    assert "foo_2" in rules(judgement)


@pytest.mark.parametrize("handle", ["Foo", "foo2", "", "a" * 33])
def test_illegal_handle_is_a_fault(handle: str) -> None:
    """R-01."""
    assert places(judged(handle=handle)) == ["config.yml handle"]


@pytest.mark.parametrize("keys", [{"handle": "admin"}, {"code": "Admin"}])
def test_core_word_is_no_handle_whether_given_or_derived(keys: dict[str, str]) -> None:
    """Design 4."""
    judgement = judged(**keys)
    assert places(judgement) == ["config.yml handle"]
    assert judgement.faults[0].value == "admin"


def test_allocated_handle_needs_a_proven_owner_not_a_claimed_author() -> None:
    """Seed 004, allocated names; `author` proves nothing."""
    text = config(code="helloworld", author=PROJECT)
    assert places(judge(text)) == ["config.yml handle"]
    assert judge(text, owner=PROJECT).faults == ()


def test_texts_about_the_plugin_are_kept() -> None:
    """M-04 and the keys of our own."""
    manifest = accepted(
        author="ACME", license="MIT", release="spring", description="One\n\ntwo",
        homepage="https://example.org/foo",
    )  # fmt: skip
    assert (manifest.author, manifest.license, manifest.release) == ("ACME", "MIT", "spring")
    assert manifest.description == "One\n\ntwo"
    assert manifest.homepage == "https://example.org/foo"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("author", ["ACME"]),
        ("author", "two\nlines"),
        ("license", "x" * 256),
        ("homepage", "javascript:alert(1)"),
        ("homepage", "example.org"),
    ],
)
def test_text_of_another_shape_is_a_fault(key: str, value: object) -> None:
    """A homepage becomes a link, so it must be an address."""
    assert places(judged(**{key: value})) == [f"config.yml {key}"]


def test_class_names_a_class_of_the_plugins_own_package() -> None:
    """M-02."""
    path = accepted(**{"class": "sub.module:FooPlugin"}).class_path
    assert path == CodePath("sub.module", "FooPlugin")
    assert str(path) == "sub.module:FooPlugin"


@pytest.mark.parametrize("path", ["FooPlugin", "os.system", "a:b:c", ":A", "a:", "..a:B", "a b:C"])
def test_class_in_another_form_is_a_fault(path: str) -> None:
    """M-02: `module:Class`."""
    assert places(judged(**{"class": path})) == ["config.yml class"]


@pytest.mark.parametrize("event", ["Foo", "foo_2", "FOO"])
def test_event_names_a_handler_class(event: str) -> None:
    """E-18, E-25."""
    assert accepted(event=event).event == event


@pytest.mark.parametrize("event", ["My-Event", "", "a.b", "a b", "é", ["Foo"]])
def test_event_with_other_characters_is_a_fault(event: object) -> None:
    """E-25; acceptance check 13."""
    assert places(judged(event=event)) == ["config.yml event"]


def test_services_and_forms_are_looked_for_in_their_modules() -> None:
    """E-19, E-21."""
    manifest = accepted(service=["FooServiceProvider", "web.blueprints:Pages"], form=["Login"])
    assert manifest.service == (
        CodePath("services", "FooServiceProvider"),
        CodePath("web.blueprints", "Pages"),
    )
    assert manifest.form == (CodePath("forms", "Login"),)


@pytest.mark.parametrize("key", ["service", "form", "orm__path", "migration__path"])
@pytest.mark.parametrize("value", ["Foo", {"a": "b"}, [["a"]], [""], ["A", "A"], ["a b"]])
def test_list_of_names_in_another_shape_is_a_fault(key: str, value: object) -> None:
    """E-19 to E-22: a text where a list belongs is refused."""
    assert places(judged(**{key: value}))[0].startswith(f"config.yml {key.replace('__', '.')}")


@pytest.mark.parametrize(
    ("path", "inside"),
    [("Resource/doctrine", "Resource/doctrine"), ("/Resource/doctrine", "Resource/doctrine"),
     ("tables.yml", "tables.yml"), ("orm/", "orm")],
)  # fmt: skip
def test_path_lies_inside_the_plugin(path: str, inside: str) -> None:
    """E-20, E-22, E-43; a slash in front means the plugin's folder, as EC-CUBE writes it."""
    manifest = accepted(orm__path=[path], migration__path=[path])
    assert manifest.orm_paths == manifest.migration_paths == (inside,)


@pytest.mark.parametrize(
    "path", ["..", "../x", "a/../../x", "//etc", "C:\\x", "a\\b", "", "/", ".git", "a/./b", "a\n"]
)
def test_path_that_could_lead_out_is_a_fault(path: str) -> None:
    """E-20, E-22."""
    assert places(judged(orm__path=[path])) == ["config.yml orm.path > 1"]


@pytest.mark.parametrize("version", ["0", "1", "1.5"])
def test_schema_version_is_kept_as_written(version: str) -> None:
    """M-12."""
    assert accepted(schema_version=version).schema_version == version


def test_schema_version_that_is_no_number_is_a_fault() -> None:
    """M-12."""
    assert places(judged(schema_version="1.0.2")) == ["config.yml schema_version"]


def test_code_equals_the_folders_name_where_that_is_known() -> None:
    """The code names the folder."""
    assert judge(config(), folder="Foo").faults == ()
    assert places(judge(config(), folder="foo")) == ["config.yml code"]
