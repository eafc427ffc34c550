"""Every setting, once: its name in the environment and in var/portal.cfg, its type, default and meaning.

The environment wins over ``var/portal.cfg`` (an INI file with one section, ``[portal]``), which wins
over the default. The secret key is made once and kept in ``var/secret_key``, readable by the owner.
"""

from __future__ import annotations

import configparser
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from flask import current_app

from portal.config import reading
from portal.core.errors import PortalError

ROOT = Path(__file__).resolve().parent.parent.parent


class SettingsError(PortalError):
    """A setting has a value that cannot be used; names the setting, the value and the rule."""


@dataclass(frozen=True, kw_only=True)
class SettingRow:
    """One line of ``portal doctor``: a setting as it is in force."""

    name: str
    value: str
    source: str
    help: str


def _setting(
    name: str, default: Any, read: Callable[[str], Any], help: str, *, secret: bool = False
) -> Any:
    return field(
        metadata={"name": name, "default": default, "read": read, "help": help, "secret": secret}
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The site's settings, checked and typed. Durations are reading.seconds, sizes bytes."""

    var: Path = _setting(
        "PORTAL_VAR", ROOT / "var", reading.path, "directory of everything the portal writes"
    )
    database_url: str = _setting(
        "DATABASE_URL",
        None,
        reading.database_url,
        "database; default: SQLite in the var directory",
        secret=True,
    )
    host: str = _setting("PORTAL_HOST", "127.0.0.1", str, "address that the web server listens on")
    port: int = _setting(
        "PORTAL_PORT", 8000, reading.integer(1, 65535), "port that the web server listens on"
    )
    workers: int = _setting(
        "PORTAL_WORKERS", 2, reading.integer(1, 64), "number of web worker processes"
    )
    proxies: int = _setting(
        "PORTAL_PROXIES",
        0,
        reading.integer(0, 8),
        "reverse proxies in front whose X-Forwarded-* hold",
    )
    admin_route: str = _setting(
        "ADMIN_ROUTE", "admin", reading.word, "first part of the site admin's addresses"
    )
    secret_key: str = _setting(
        "PORTAL_SECRET_KEY",
        None,
        str,
        "signs sessions; default: kept in var/secret_key",
        secret=True,
    )
    site_name: str = _setting(
        "PORTAL_SITE_NAME", "Portal", str, "name of the site in titles and mails"
    )
    plugins_dir: Path = _setting(
        "PORTAL_PLUGINS_DIR", ROOT / "plugins", reading.path, "the bundled plugins"
    )
    plugin_path: tuple[Path, ...] = _setting(
        "PORTAL_PLUGIN_PATH", (), reading.paths, "further folders of plugins, separated as in PATH"
    )
    plugin_uploads: bool = _setting(
        "PORTAL_PLUGIN_UPLOADS",
        True,
        reading.boolean,
        "whether site admins can install plugins from archives that they upload",
    )
    archive_mib: int = _setting(
        "PORTAL_ARCHIVE_MIB",
        20,
        reading.integer(1, 1024),
        "largest archive of a plugin, in MiB",
    )
    archive_unpacked_mib: int = _setting(
        "PORTAL_ARCHIVE_UNPACKED_MIB",
        100,
        reading.integer(1, 8192),
        "what it may unpack to, in MiB; a single file at most a quarter of that",
    )
    archive_entries: int = _setting(
        "PORTAL_ARCHIVE_ENTRIES",
        5000,
        reading.integer(1, 60_000),
        "how many files and folders it may hold",
    )
    archive_ratio: int = _setting(
        "PORTAL_ARCHIVE_RATIO",
        100,
        reading.integer(1, 10_000),
        "how many times larger than itself its contents may be, from 1 MiB on",
    )
    plugin_untested: str = _setting(
        "PORTAL_PLUGIN_UNTESTED",
        "warn",
        reading.one_of("warn", "refuse"),
        "what to do with plugins that were tried with older portals only: warn or refuse",
    )
    poll_seconds: float = _setting(
        "PORTAL_POLL_SECONDS", 1.0, reading.seconds, "how often a worker looks for a new generation"
    )
    safe_mode: bool = _setting(
        "PORTAL_SAFE_MODE", False, reading.boolean, "start without any plugin"
    )
    handler_warn_seconds: float = _setting(
        "PORTAL_HANDLER_WARN_SECONDS",
        1.0,
        reading.seconds,
        "a plugin's handler that takes longer is logged and counted as slow",
    )
    handler_seconds: int = _setting(
        "PORTAL_HANDLER_SECONDS",
        20,
        reading.integer(0, 3600),
        "a plugin's handler that takes longer is cut off, in sync workers; 0: never",
    )
    quarantine_failures: int = _setting(
        "PORTAL_QUARANTINE_FAILURES",
        5,
        reading.integer(0, 10_000),
        "so many failures of one plugin at one hook quarantine the plugin; 0: never",
    )
    quarantine_minutes: int = _setting(
        "PORTAL_QUARANTINE_MINUTES",
        10,
        reading.integer(1, 1440),
        "within how many minutes those failures count",
    )
    development: bool = _setting(
        "PORTAL_DEVELOPMENT", False, reading.boolean, "reload plugins and templates, plain logs"
    )
    secure_cookies: bool = _setting(
        "PORTAL_SECURE_COOKIES",
        False,
        reading.boolean,
        "send cookies over HTTPS only; set it behind TLS",
    )
    log_level: str = _setting("PORTAL_LOG_LEVEL", "info", reading.level, "least level of log lines")
    default_language: str = _setting(
        "PORTAL_LANGUAGE", "en", str, "language of people who chose none"
    )
    default_timezone: str = _setting(
        "PORTAL_TIMEZONE", "UTC", reading.time_zone, "zone of people who chose none"
    )
    registration: str = _setting(
        "PORTAL_REGISTRATION",
        "open",
        reading.one_of("open", "closed"),
        "whether visitors can make accounts for themselves: open or closed",
    )
    group_registration: str = _setting(
        "PORTAL_GROUP_REGISTRATION",
        "open",
        reading.one_of("open", "approvers"),
        "who can register groups: open (everybody with an account) or approvers",
    )
    group_auto_approval: bool = _setting(
        "PORTAL_GROUP_AUTO_APPROVAL", False, reading.boolean, "open new groups without an approval"
    )
    group_purge_days: int = _setting(
        "PORTAL_GROUP_PURGE_DAYS",
        30,
        reading.integer(0, 3650),
        "how many days deleted and rejected groups can be restored",
    )
    password_kinds: int = _setting(
        "PORTAL_PASSWORD_KINDS",
        4,
        reading.integer(1, 4),
        "how many of lower case, upper case, digit and other a chosen password must have",
    )
    session_hours: int = _setting(
        "PORTAL_SESSION_HOURS",
        744,
        reading.integer(1, 8784),
        "hours after which a session ends that nobody uses",
    )
    login_required: bool = _setting(
        "PORTAL_LOGIN_REQUIRED",
        False,
        reading.boolean,
        "show nothing but the front page to visitors who are not logged in",
    )
    public_url: str = _setting(
        "PORTAL_URL",
        None,
        reading.public_url,
        "address under which people reach the site, for mailed links",
    )
    smtp_url: str | None = _setting(
        "PORTAL_SMTP_URL",
        None,
        reading.smtp_url,
        "mail server: smtp://user:password@host:587?starttls=1 or smtps://...; "
        "default: files under var/mail/",
        secret=True,
    )
    mail_from: str = _setting(
        "PORTAL_MAIL_FROM",
        "portal@localhost",
        reading.sender,
        "sender of mails: an address, or Name <address>",
    )
    metrics_token: str | None = _setting(
        "PORTAL_METRICS_TOKEN",
        None,
        reading.token,
        "bearer token that /metrics asks for; default: none, and it answers this machine alone",
        secret=True,
    )
    sources: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raises ``SettingsError`` naming every value that breaks its rule."""
        environ = os.environ if environ is None else environ
        var = reading.path(environ.get("PORTAL_VAR") or str(ROOT / "var"))
        written = _read_file(var / "portal.cfg")
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        faults: list[str] = []
        for each in fields(cls):
            if "name" not in each.metadata:
                continue
            name = each.metadata["name"]
            try:
                values[each.name], sources[name] = _value(each.metadata, environ, written)
            except ValueError as error:
                faults.append(f"{name}: expected {error}")
        unknown = sorted(set(written) - set(sources))
        faults += [f"{name} in {var / 'portal.cfg'}: no such setting" for name in unknown]
        if faults:
            raise SettingsError("The settings cannot be used. " + "; ".join(faults) + ".")
        if values["database_url"] is None:
            values["database_url"] = f"sqlite:///{var / 'portal.db'}"
        if values["public_url"] is None:
            values["public_url"] = f"http://127.0.0.1:{values['port']}"
        if values["secret_key"] is None:
            values["secret_key"] = _kept_secret(var)
        return cls(**values, sources=sources)

    def describe(self) -> list[SettingRow]:
        """Return every setting with its value in force, secrets masked, for ``portal doctor``."""
        rows = []
        for each in fields(self):
            if "name" in each.metadata:
                name = cast(str, each.metadata["name"])
                value = _shown(getattr(self, each.name), each.name, secret=each.metadata["secret"])
                source = self.sources.get(name, "given")
                rows.append(
                    SettingRow(name=name, value=value, source=source, help=each.metadata["help"])
                )
        return rows


def current_settings() -> Settings:
    """Return the settings of the running app."""
    return cast(Settings, current_app.extensions["portal.settings"])


def _read_file(path: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
    except FileNotFoundError:
        return {}
    except (configparser.Error, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}.", "Write [portal], then NAME = value."
        ) from error
    return dict(parser["portal"]) if parser.has_section("portal") else {}


def _value(
    about: Mapping[str, Any], environ: Mapping[str, str], written: Mapping[str, str]
) -> tuple[Any, str]:
    for source, texts in (("environment", environ), ("portal.cfg", written)):
        text = texts.get(about["name"], "")
        if text:
            return about["read"](text), source
    return about["default"], "default"


def _kept_secret(var: Path) -> str:
    """Return the secret of ``var/secret_key``, making it (mode 0600, O_EXCL) when there is none."""
    path = var / "secret_key"
    try:
        var.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise SettingsError(
            f"{path} holds no usable secret.", "Remove the file; the next start makes one."
        )
    return secret


def _shown(value: Any, name: str, *, secret: bool) -> str:
    if name == "database_url":
        return reading.without_passwords(value)
    if value is None:
        return ""
    if secret:
        return "***"
    if isinstance(value, tuple):
        return os.pathsep.join(str(part) for part in value)
    return str(value)
