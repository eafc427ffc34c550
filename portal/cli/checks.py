"""What `portal doctor` looks at: each check asks one question and answers in one line."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from portal.accounts.demoaccounts import DEMO_PASSWORD, demo_hashes
from portal.accounts.passwords import Passwords
from portal.cli.database import current_revision, newest_revision
from portal.config import Settings
from portal.core.mail import queries
from portal.core.mail.models import FAILED, QUEUED
from portal.jobs.heartbeat import last_heartbeat
from portal.jobs.queue import JobQueue
from portal.pluginengine.checking.personaldata import undeclared_on_site

Status = Literal["ok", "warning", "failure"]
MEGABYTE = 1_000_000
LITTLE_DISK = 1_000 * MEGABYTE
TOO_LITTLE_DISK = 100 * MEGABYTE


@dataclass(frozen=True, kw_only=True)
class Check:
    """One answer: what was looked at, how it is, and what to do when it is not well."""

    name: str
    status: Status
    text: str
    remedy: str = ""


def run_checks(settings: Settings) -> Iterator[Check]:
    """Yield every check; those that need the database are left out when it cannot be reached."""
    yield check_directories(settings)
    yield check_secret_key(settings)
    yield check_disk(settings)
    database = check_database(settings)
    yield database
    if database.status == "ok":
        for check in (
            check_migrations,
            check_worker,
            check_mail,
            check_demo_passwords,
            check_personal_data,
        ):
            yield _guarded(check, settings)


def check_directories(settings: Settings) -> Check:
    """Can the portal write where it must, and read its plugins?"""
    faults = [] if _is_writable(settings.var) else [f"{settings.var} cannot be written"]
    folders = (settings.plugins_dir, *settings.plugin_path)
    faults += [
        f"{each} cannot be read" for each in folders if not os.access(each, os.R_OK | os.X_OK)
    ]
    return Check(
        name="directories",
        status="failure" if faults else "ok",
        text="; ".join(faults) or f"{settings.var} can be written",
        remedy="Make them, or set PORTAL_VAR, PORTAL_PLUGINS_DIR, PORTAL_PLUGIN_PATH."
        if faults
        else "",
    )


def check_secret_key(settings: Settings) -> Check:
    """Is the key that signs sessions readable by its owner only (engineering 2k)?"""
    path = settings.var / "secret_key"
    if settings.sources.get("PORTAL_SECRET_KEY") != "default":
        short = len(settings.secret_key) < 32
        return Check(
            name="secret key",
            status="warning" if short else "ok",
            text="shorter than 32 characters" if short else "given as a setting",
            remedy="Set PORTAL_SECRET_KEY to a long random text." if short else "",
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    open_to_others = bool(mode & 0o077)
    return Check(
        name="secret key",
        status="failure" if open_to_others else "ok",
        text=f"{path} has mode {mode:04o}",
        remedy=f"chmod 600 {path}" if open_to_others else "",
    )


def check_disk(settings: Settings) -> Check:
    """Is there room left in the var directory?"""
    free = shutil.disk_usage(_existing(settings.var)).free
    status: Status = "ok"
    if free < LITTLE_DISK:
        status = "failure" if free < TOO_LITTLE_DISK else "warning"
    return Check(
        name="disk",
        status=status,
        text=f"{free // MEGABYTE:,} MB free",
        remedy="" if status == "ok" else f"Make room on the disk of {settings.var}.",
    )


def check_database(settings: Settings) -> Check:
    """Does the database answer?"""
    engine = create_engine(settings.database_url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return Check(
            name="database",
            status="failure",
            text=f"does not answer: {cause}",
            remedy="Start the database server, or correct DATABASE_URL.",
        )
    name = "SQLite" if engine.dialect.name == "sqlite" else "PostgreSQL"
    return Check(name="database", status="ok", text=f"{name} {version} answers")


def check_migrations(settings: Settings) -> Check:
    """Are the core tables those that this code wants?"""
    current, newest = current_revision(settings.database_url), newest_revision()
    return Check(
        name="migrations",
        status="ok" if current == newest else "failure",
        text=f"at revision {current or 'none'}"
        + ("" if current == newest else f", the code wants {newest}"),
        remedy="" if current == newest else "portal db upgrade",
    )


def check_worker(settings: Settings) -> Check:
    """Has a background worker been seen lately?"""
    queue = JobQueue(settings)
    try:
        waiting, last = queue.size(), last_heartbeat(queue.huey)
    finally:
        queue.close()
    if last is not None and last.is_alive:
        text = f"process {last.pid} on {last.host} is at work, {waiting} jobs wait"
        return Check(name="worker", status="ok", text=text)
    text = f"last seen {last.at:%Y-%m-%d %H:%M:%S} UTC" if last else "none is running"
    return Check(
        name="worker",
        status="failure" if last or waiting else "warning",
        text=f"{text}, {waiting} jobs wait",
        remedy="Start it: `portal run` (with the web server) or `portal worker`.",
    )


def check_mail(settings: Settings) -> Check:
    """Does mail go out, and has the site a sender of its own?"""
    with create_engine(settings.database_url, poolclass=NullPool).connect() as connection:
        counts = queries.all_counts(connection.execute(queries.counts()).all())
        late = connection.scalar(queries.late()) or 0
    faults = [f"{late} wait since {queries.LATE_AFTER.seconds // 60} minutes"] if late else []
    faults += [f"{counts[FAILED]} failed"] if counts[FAILED] else []
    remedy = f"See why at /{settings.admin_route}/mail/." if faults else ""
    if settings.smtp_url and settings.sources.get("PORTAL_MAIL_FROM") == "default":
        faults.append(f"the sender is {settings.mail_from}")
        remedy = f"{remedy} Set PORTAL_MAIL_FROM to an address of yours.".strip()
    way = "a mail server" if settings.smtp_url else str(settings.var / "mail")
    return Check(
        name="mail",
        status="warning" if faults else "ok",
        text="; ".join([f"goes to {way}, {counts[QUEUED]} wait", *faults]),
        remedy=remedy,
    )


def check_demo_passwords(settings: Settings) -> Check:
    """Can the public demo passwords still open an account?"""
    with create_engine(settings.database_url, poolclass=NullPool).connect() as connection:
        rows = connection.execute(demo_hashes()).all()
    passwords = Passwords()
    names = sorted(name for name, stored in rows if passwords.matches(stored, DEMO_PASSWORD))
    return Check(
        name="demo passwords",
        status="warning" if names else "ok",
        text=f"in force for {', '.join(names)}" if names else "not in force",
        remedy="Before others can reach the site: change or suspend these accounts."
        if names
        else "",
    )


def check_personal_data(settings: Settings) -> Check:
    """Do the plugins say which of their tables hold data about people?"""
    with create_engine(settings.database_url, poolclass=NullPool).connect() as connection:
        found = [each.place for each in undeclared_on_site(connection)]
    return Check(
        name="personal data",
        status="warning" if found else "ok",
        text=f"plugins do not declare {', '.join(found)}" if found else "declared by all plugins",
        remedy="Exports and deleted accounts leave it out: see `portal plugin check`."
        if found
        else "",
    )


def _guarded(check: Callable[[Settings], Check], settings: Settings) -> Check:
    """Return the check's answer; a check that cannot be made is itself a failure."""
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        return check(settings)
    except (SQLAlchemyError, OSError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return Check(name=name, status="failure", text=f"cannot be checked: {cause}")


def _is_writable(path: Path) -> bool:
    return os.access(_existing(path), os.W_OK | os.X_OK)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)
