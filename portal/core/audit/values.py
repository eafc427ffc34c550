"""What may stand in an audit entry: the fields that changed, short, as plain JSON, nothing sensitive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

LONGEST_VALUE = 500
LONGEST_LIST = 50
#: A field whose name holds one of these words is never recorded, whatever its value.
SENSITIVE_WORDS = ("passw", "passphrase", "secret", "token", "hash", "credential", "cookie", "csrf")
SENSITIVE_NAMES = frozenset({"key", "api_key", "private_key", "pin", "otp", "session", "salt"})


class SensitiveField(ValueError):
    """A field was about to be recorded whose name says that its value is nobody's business."""


def changed_values(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return old and new of the fields that differ, as plain JSON.

    A field that only one side has is kept on that side. Raises ``SensitiveField``.
    """
    refuse_sensitive([*old, *new])
    before = {name: plain(value) for name, value in old.items()}
    after = {name: plain(value) for name, value in new.items()}
    same = {name for name in before.keys() & after.keys() if old[name] == new[name]}
    return (
        {name: value for name, value in before.items() if name not in same},
        {name: value for name, value in after.items() if name not in same},
    )


def refuse_sensitive(names: Iterable[str]) -> None:
    """Raise ``SensitiveField`` when one of the field names is on the deny list."""
    for name in names:
        word = name.lower()
        if word in SENSITIVE_NAMES or any(each in word for each in SENSITIVE_WORDS):
            raise SensitiveField(
                f"The field {name!r} may not stand in the audit log. Record that it changed, "
                "without its value."
            )


def plain(value: Any) -> Any:
    """Return the value as JSON keeps it; a long text or list is cut, what else there is becomes text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        refuse_sensitive(map(str, value))
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        listed = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        return [plain(each) for each in listed[:LONGEST_LIST]]
    return cut(str(value), LONGEST_VALUE)


def cut(text: str, length: int) -> str:
    """Return the text without what a database refuses, in at most ``length`` characters."""
    clean = text.replace("\0", "").encode("utf-8", "replace").decode()
    return clean if len(clean) <= length else clean[: length - 1] + "…"
