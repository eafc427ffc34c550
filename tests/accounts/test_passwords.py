"""Hashing and checking, with cheap parameters."""

from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from portal.accounts.passwords import Passwords


class WatchedHasher(PasswordHasher):
    """Notes the parameters of what it had to compute, which is what takes time."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.tried: list[str] = []

    def verify(self, stored: Any, password: Any) -> Any:
        """Verify; a hash that cannot be read raises before anything is computed."""
        try:
            return super().verify(stored, password)
        except VerifyMismatchError:
            self.tried.append(stored.rpartition("$")[0].rpartition("$")[0] + "$")
            raise


def test_a_password_matches_its_own_hash_only() -> None:
    """Argon2 salts each hash."""
    passwords = Passwords(WatchedHasher())
    stored = passwords.hash("portal-demo")
    assert stored.startswith("$argon2id$")
    assert stored != passwords.hash("portal-demo")
    assert passwords.matches(stored, "portal-demo")
    assert not passwords.matches(stored, "portal-dem0")


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$broken"])
def test_an_empty_or_damaged_hash_matches_nothing(stored: str) -> None:
    """An account without a password cannot be logged into, not even with an empty one."""
    passwords = Passwords(WatchedHasher())
    assert not passwords.matches(stored, "")
    assert not passwords.matches(stored, "plain text")


def test_an_unknown_account_costs_the_same_check() -> None:
    """Forge 4.2: the time must not tell whether an account exists."""
    hasher = WatchedHasher()
    assert not Passwords(hasher).matches("", "portal-demo")
    assert hasher.tried == ["$argon2id$v=19$m=8,t=1,p=1$"]


def test_a_hash_made_with_other_parameters_is_outdated() -> None:
    """So that raising them reaches everybody who logs in."""
    old, new = Passwords(WatchedHasher(1)), Passwords(WatchedHasher(2))
    assert new.is_outdated(old.hash("portal-demo"))
    assert not new.is_outdated(new.hash("portal-demo"))
