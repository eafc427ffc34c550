"""Names: codes (E-25), handles (R-01), names derived from them, and names already taken."""

from __future__ import annotations

from pathlib import Path

import pytest

import portal
from portal.pluginengine import naming
from portal.pluginengine.errors import BadValue
from portal.pluginengine.naming import PROJECT

FULL_WIDTH = "Ｆｏｏ"


@pytest.mark.parametrize("code", ["Foo", "foo_2", "FOO", "_foo", "class", "f" * 255])
def test_code_of_letters_digits_and_underscores_is_legal(code: str) -> None:
    """E-25."""
    assert naming.check_code(code) == code


@pytest.mark.parametrize(
    "code",
    ["", "foo-bar", "foo.bar", "foo#", "foo bar", FULL_WIDTH, "fóo", "foo\n", "2foo", "f" * 256],
)
def test_any_other_code_is_refused_with_value_and_rule(code: str) -> None:
    """E-25; a leading digit is refused by the manifest page."""
    with pytest.raises(BadValue, match="ASCII letters, digits and underscores") as refused:
        naming.check_code(code)
    assert refused.value.value == code


@pytest.mark.parametrize("handle", ["a", "acmetimetracker", "a" * 32])
def test_handle_of_lower_case_letters_is_legal(handle: str) -> None:
    """R-01: the rule of seed 004."""
    assert naming.check_handle(handle) == handle


@pytest.mark.parametrize(
    "handle", ["", "A", "acme2", "acme_x", "projects-hierarchy", "ä", "acme\n", "a" * 33, "ａ"]
)
def test_any_other_handle_is_refused(handle: str) -> None:
    """R-01."""
    with pytest.raises(BadValue, match="1 to 32 lower-case ASCII letters"):
        naming.check_handle(handle)


@pytest.mark.parametrize(
    ("code", "handle"),
    [
        ("UnixCluster", "unixcluster"),
        ("helloworld", "helloworld"),
        ("foo_2", None),
        ("F" * 33, None),
        ("K" + "\N{KELVIN SIGN}", None),
    ],
)
def test_handle_defaults_to_the_code_in_lower_case(code: str, handle: str | None) -> None:
    """0.2, R-01."""
    assert naming.default_handle(code) == handle


@pytest.mark.parametrize("name", ["My-Event", "", "a.b", "Evént", "E" * 256, "Event\n"])
def test_handler_class_with_other_characters_is_refused(name: str) -> None:
    """E-25."""
    with pytest.raises(BadValue, match="handler class"):
        naming.check_class_name(name)


@pytest.mark.parametrize("name", ["do-it", "", "a b", "a.b", "h" * 256, FULL_WIDTH])
def test_handler_with_other_characters_is_refused(name: str) -> None:
    """E-31."""
    with pytest.raises(BadValue, match="handler"):
        naming.check_handler(name)


@pytest.mark.parametrize(
    ("code", "words", "plural"),
    [
        ("UnixCluster", "unix_cluster", "unix_clusters"),
        ("Foo2Cluster", "foo2_cluster", "foo2_clusters"),
        ("LDAPCluster", "ldap_cluster", "ldap_clusters"),
        ("FooProvisioner", "foo_provisioner", "foo_provisioners"),
        ("helloworld", "helloworld", "helloworlds"),
    ],
)
def test_code_becomes_words_and_a_plural(code: str, words: str, plural: str) -> None:
    """0.2: derived names."""
    assert (naming.underscore(code), naming.tableize(code)) == (words, plural)


@pytest.mark.parametrize(
    ("name", "label"),
    [("due_date", "Due date"), ("ISBN", "ISBN"), ("_is_lent", "Is lent"), ("", "")],
)
def test_name_becomes_a_label(name: str, label: str) -> None:
    """3.3.3: what people read where no label is given."""
    assert naming.readable(name) == label


def test_table_carries_the_handle() -> None:
    """R-03."""
    assert naming.table("foocluster", "foo_clusters") == "plugin_foocluster_foo_clusters"


def test_table_fills_the_limit_of_the_database_and_no_more() -> None:
    """0.2: 63 bytes; a handle of 32 letters leaves 23."""
    assert len(naming.table("a" * 32, "b" * 23)) == 63
    with pytest.raises(BadValue, match="at most 23"):
        naming.table("a" * 32, "b" * 24)


@pytest.mark.parametrize("rest", ["", "Foo", "1a", "a-b", "plugin_foo_x", "a" + "é", "a\n"])
def test_table_with_an_unfit_name_is_refused(rest: str) -> None:
    """0.2, 3.3.2."""
    with pytest.raises(BadValue):
        naming.table("foo", rest)


@pytest.mark.parametrize("owner", [None, PROJECT, "ACME"])
@pytest.mark.parametrize("word", ["admin", "plugins", "tracker", "engine", "core"])
def test_core_word_is_refused_to_all(word: str, owner: str | None) -> None:
    """Design 4."""
    with pytest.raises(BadValue, match="belongs to the portal itself"):
        naming.check_free(word, owner)


def test_every_package_of_the_portal_is_a_core_word() -> None:
    """Design 4; a new package must be added to the list."""
    packages = {path.parent.name for path in Path(portal.__file__).parent.glob("*/__init__.py")}
    assert packages <= naming.CORE_WORDS


def test_allocated_handle_is_its_owners_alone() -> None:
    """Seed 004: the list of allocated names begins with helloworld and extldapauth."""
    assert {"helloworld", "extldapauth"} <= set(naming.allocated_names())
    assert naming.check_free("helloworld", PROJECT) == "helloworld"
    for stranger in (None, "ACME"):
        with pytest.raises(BadValue, match="allocated to portal"):
            naming.check_free("helloworld", stranger)


def test_allocated_names_are_legal_free_of_core_words_and_explained() -> None:
    """The file cannot allocate what nobody may have."""
    for name in naming.allocated_names().values():
        assert naming.check_handle(name.handle) not in naming.CORE_WORDS
        assert name.owner
        assert name.purpose


def test_unallocated_handle_is_free_for_everybody() -> None:
    """Seed 004: private plugins need not ask."""
    assert naming.check_free("acmetimetracker") == "acmetimetracker"
