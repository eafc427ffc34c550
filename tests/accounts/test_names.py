"""The rules of login names, addresses and passwords (forge 4.1), as pure functions."""

import pytest

from portal.accounts.names import (
    email_faults,
    password_faults,
    real_name_faults,
    user_name_faults,
)


@pytest.mark.parametrize("name", ["bob", "0x1", "anna.maria", "jo-jo_2", "a" * 32, "admin"])
def test_a_login_name_is_a_short_lower_case_word(name: str) -> None:
    """Forge 4.1: 3 to 32 characters, begins with letter or digit, at least one letter."""
    assert user_name_faults(name) == []


@pytest.mark.parametrize(
    "name",
    ["", "ab", "a" * 33, "Bob", "-bob", ".bob", "123", "bob smith", "bob/x", "bob\n", "böb", "боб"],
)
def test_any_other_login_name_is_refused_with_the_rule(name: str) -> None:
    """Forge 4.1; the name stands in addresses, so nothing needs quoting there."""
    (fault,) = user_name_faults(name)
    assert "3 to 32 lower-case letters" in fault


@pytest.mark.parametrize("name", ["root", "postmaster", "www-data", "nobody"])
def test_a_reserved_login_name_is_refused(name: str) -> None:
    """Forge 4.1: reserved system names."""
    (fault,) = user_name_faults(name)
    assert "reserved" in fault


@pytest.mark.parametrize(
    "email",
    [
        "",
        "bob",
        "bob@",
        "=?utf-8?q?x?=@example.org",
        "@example.org",
        "a b@example.org",
        "a@b@c.org",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    """Forge 4.1: valid e-mail."""
    assert len(email_faults(email)) == 1


def test_a_password_has_at_least_eight_characters() -> None:
    """Forge 4.1; the upper bound keeps hashing cheap."""
    assert password_faults("portal-demo") == []
    assert len(password_faults("seven77")) == 1
    assert len(password_faults("x" * 1025)) == 1


@pytest.mark.parametrize(
    "name", ["", "x" * 81, "zero\u200bwidth", "two\nlines", "\u3164", "a\u2800b"]
)
def test_a_real_name_is_one_visible_line(name: str) -> None:
    """It is shown on every page that the person has to do with."""
    assert len(real_name_faults(name)) == 1
    assert real_name_faults("Алиса Liddell") == []
