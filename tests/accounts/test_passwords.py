"""Hashing and checking, with cheap parameters."""

from typing import Any

import pytest
from argon2 import PasswordHasher

from portal.accounts.passwords import Passwords


class CountingHasher(PasswordHasher):
    """Counts what takes time."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, *args: Any) -> Any:
        """Count, then verify."""
        self.verified += 1
        return super().verify(*args)


def test_a_password_matches_its_own_hash_only() -> None:
    """Argon2 salts each hash."""
    passwords = Passwords(CountingHasher())
    stored = passwords.hash("portal-demo")
    assert stored.startswith("$argon2id$")
    assert stored != passwords.hash("portal-demo")
    assert passwords.matches(stored, "portal-demo")
    assert not passwords.matches(stored, "portal-dem0")


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$broken"])
def test_an_empty_or_damaged_hash_matches_nothing(stored: str) -> None:
    """An account without a password cannot be logged into, not even with an empty one."""
    passwords = Passwords(CountingHasher())
    assert not passwords.matches(stored, "")
    assert not passwords.matches(stored, "plain text")


def test_an_unknown_account_costs_the_same_check() -> None:
    """Forge 4.2: the time must not tell whether an account exists."""
    hasher = CountingHasher()
    passwords = Passwords(hasher)
    assert not passwords.matches("", "portal-demo")
    assert hasher.verified == 1


def test_a_hash_made_with_other_parameters_is_outdated() -> None:
    """So that raising them reaches everybody who logs in."""
    old, new = Passwords(CountingHasher(1)), Passwords(CountingHasher(2))
    assert new.is_outdated(old.hash("portal-demo"))
    assert not new.is_outdated(new.hash("portal-demo"))
