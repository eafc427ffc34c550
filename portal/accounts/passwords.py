"""Passwords: hashed with Argon2, checked in the same time whether the account exists or not."""

from __future__ import annotations

from base64 import b64encode
from functools import cached_property
from typing import cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app

EXTENSION = "portal.passwords"


class Passwords:
    """Hashes and checks passwords with one set of Argon2 parameters."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash(self, password: str) -> str:
        """Return what is stored in place of the password."""
        return self._hasher.hash(password)

    def matches(self, stored: str, password: str) -> bool:
        """Tell whether ``stored`` was made from ``password``.

        An empty or damaged ``stored`` takes as long as a real one and never matches.
        """
        try:
            self._hasher.verify(stored or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored != ""

    def is_outdated(self, stored: str) -> bool:
        """Tell whether ``stored`` was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)

    @cached_property
    def _nobodys(self) -> str:
        """A hash that no password has, made of zeros, so that making it takes no time either."""
        hasher = self._hasher
        cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
        salt, digest = (
            b64encode(bytes(length)).decode().rstrip("=")
            for length in (hasher.salt_len, hasher.hash_len)
        )
        return f"$argon2id$v=19${cost}${salt}${digest}"


def install_passwords(app: Flask, passwords: Passwords | None = None) -> None:
    """Give the app its hasher; tests give it a cheap one."""
    app.extensions[EXTENSION] = passwords or Passwords()


def current_passwords() -> Passwords:
    """Return the hasher of the running app."""
    return cast(Passwords, current_app.extensions[EXTENSION])
