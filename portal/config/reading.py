"""Reading a setting's text: each function returns the value, or raises ValueError saying what is expected."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.core.mail.addresses import sender_address
from portal.core.mail.transports import SmtpServer


def integer(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``least`` to ``most``."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]+", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def seconds(text: str) -> float:
    """Read a number of seconds from 0.05 to 60."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0.05 <= value <= 60:
        raise ValueError("a number of seconds from 0.05 to 60")
    return value


def boolean(text: str) -> bool:
    """Read a yes or a no."""
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("1, true, yes, on or 0, false, no, off")


def path(text: str) -> Path:
    """Read a path; ~ is the home directory."""
    return Path(text).expanduser().resolve()


def paths(text: str) -> tuple[Path, ...]:
    """Read paths that are separated as in PATH."""
    return tuple(path(part) for part in text.split(os.pathsep) if part)


def word(text: str) -> str:
    """Read a word for the first part of addresses; none that the portal's own use."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", text):
        raise ValueError("1 to 32 lower-case letters, digits, - or _, beginning with a letter")
    if text in {
        "plugins",
        "plugin",
        "groups",
        "users",
        "login",
        "logout",
        "my",
        "static",
        "search",
    }:
        raise ValueError("not a word that the portal's own addresses use")
    return text


def one_of(*words: str) -> Callable[[str], str]:
    """Return a reader of one of the words, in any case."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(" or ".join(words))
        return text.lower()

    return read


def level(text: str) -> str:
    """Read the least level of log lines."""
    if text.lower() not in {"debug", "info", "warning", "error", "critical"}:
        raise ValueError("debug, info, warning, error or critical")
    return text.lower()


def database_url(text: str) -> str:
    """Read the address of a SQLite or PostgreSQL database, with the driver that we use."""
    for prefix in ("postgres://", "postgresql://"):
        if text.startswith(prefix):
            return "postgresql+psycopg://" + text.removeprefix(prefix)
    if text.startswith(("sqlite:///", "postgresql+psycopg://")):
        return text
    raise ValueError("sqlite:///<absolute path> or postgresql://user:password@host/database")


def time_zone(text: str) -> str:
    """Read the name of a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("the name of a time zone, as in Europe/Rome") from error
    return text


def public_url(text: str) -> str:
    """Read the address under which people reach the site."""
    parts = urlsplit(text)
    is_plain = parts.hostname and "@" not in parts.netloc and not (parts.query or parts.fragment)
    if parts.scheme not in {"http", "https"} or not is_plain:
        raise ValueError("the address of the front page, as in https://portal.example.org")
    return text.rstrip("/")


def smtp_url(text: str) -> str:
    """Read the address of a mail server."""
    SmtpServer.parse(text)
    return text


def token(text: str) -> str:
    """Read a secret that programs send in a header."""
    if not re.fullmatch(r"[!-~]{16,}", text):
        raise ValueError("at least 16 characters of ASCII without spaces")
    return text


def sender(text: str) -> str:
    """Read the sender of mails."""
    sender_address(text)
    return text


#: libpq takes passwords as parameters, too: ``password``, ``sslpassword``.
_PASSWORD_PARAMETER = re.compile(r"(?<=[?&])([^=&]*pass[^=&]*)=[^&]*", re.IGNORECASE)


def without_passwords(url: str) -> str:
    """Return a database address with every password in it masked."""
    parts = urlsplit(url)
    query = _PASSWORD_PARAMETER.sub(r"\1=***", f"?{parts.query}")[1:]
    user, at, place = parts.netloc.rpartition("@")
    name, colon, _password = user.partition(":")
    masked = f"{name}{colon}***{at}{place}" if colon else parts.netloc
    return urlunsplit(parts._replace(netloc=masked, query=query)) if at or query else url
