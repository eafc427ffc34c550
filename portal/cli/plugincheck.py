"""`portal plugin check`: is a plugin in order, before and after it is installed?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.app import build_app
from portal.config import Settings, current_settings
from portal.core.errors import PortalError
from portal.core.unit_of_work import unit_of_work
from portal.jobs.registry import jobs_of
from portal.pluginengine.checking import Subject, subject_in, subjects_of_site
from portal.pluginengine.checking import check as findings_of
from portal.pluginengine.manifest import CONFIG_FILE
from portal.pluginengine.runtime import Runtime


@click.command("check")
@click.argument("plugin", required=False, default="", metavar="[HANDLE_OR_FOLDER]")
@with_appcontext
def check(plugin: str) -> None:
    """Say what is wrong with a plugin's files, its code and what it declares about personal data.

    By code, handle or folder; without one, every plugin that the site knows or finds. Its modules are
    imported, nothing is written. Exits with 1 when there is anything to say.
    """
    subjects = list(_subjects(plugin))
    found = 0
    for subject in subjects:
        for finding in findings_of(subject):
            found += 1
            click.echo(f"{subject.code}: {finding}")
    click.echo(_summary(subjects, found), err=bool(found))
    sys.exit(1 if found else 0)


def _subjects(wanted: str) -> Iterator[Subject]:
    """Yield what is to be checked; a folder of the site's own places is one of its plugins."""
    settings, folder = current_settings(), Path(wanted) if wanted else None
    if folder is not None and (folder / CONFIG_FILE).is_file():
        yield from _in_folder(settings, folder.resolve())
        return
    with unit_of_work("read"):
        found = subjects_of_site(current_app, wanted)
    if wanted and not found:
        raise PortalError(
            f"There is no plugin {wanted}, and no folder of that name with a {CONFIG_FILE}.",
            "See `portal plugin list` for what is there.",
        )
    yield from found


def _in_folder(settings: Settings, folder: Path) -> Iterator[Subject]:
    is_bundled = folder.parent == settings.plugins_dir.resolve()
    with _looking_at(settings, folder.parent, is_bundled=is_bundled) as runtime:
        with unit_of_work("read"):
            subject = subject_in(current_app, runtime, folder)
        if subject is not None:
            yield subject


@contextmanager
def _looking_at(settings: Settings, place: Path, *, is_bundled: bool) -> Iterator[Runtime]:
    """Open a runtime that finds the plugins of one directory first, whatever the site has of the same code."""
    queue = jobs_of(current_app).queue
    runtime = Runtime(
        build=lambda state: build_app(settings, state, runtime, queue),
        database_url=settings.database_url,
        var=settings.var,
        plugins_dir=place if is_bundled else settings.var / "no-plugins",
        plugin_path=() if is_bundled else (place,),
    )
    try:
        yield runtime
    finally:
        runtime.close()


def _summary(subjects: list[Subject], found: int) -> str:
    what = subjects[0].code if len(subjects) == 1 else f"{len(subjects)} plugins"
    if not found:
        return f"{what}: in order."
    return f"{what}: {found} finding{'s' if found > 1 else ''}."
