"""The checks, one after the other; another one joins by standing in ``CHECKS``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from portal.pluginengine.checking.findings import Finding
from portal.pluginengine.checking.personaldata import Declared, absent, undeclared
from portal.pluginengine.checking.subjects import Subject
from portal.pluginengine.errors import Fault
from portal.pluginengine.manifest import Manifest, unknown_hooks

Check = Callable[[Subject], Iterator[Finding]]


def check(subject: Subject) -> list[Finding]:
    """Return everything that the checks find, in their order; nothing for a plugin in order."""
    return [finding for each in CHECKS for finding in each(subject)]


def files_in_order(subject: Subject) -> Iterator[Finding]:
    """The files: every fault, every warning, every hook that there is none of."""
    yield from map(_as_finding, subject.faults)
    if subject.manifest is not None:
        yield from map(_as_finding, subject.manifest.warnings)
        yield from map(_as_finding, unknown_hooks(subject.manifest, subject.hooks))


def code_comes_up(subject: Subject) -> Iterator[Finding]:
    """The code: it can be imported, and its handlers, pages and types are what they say."""
    if subject.problem and not subject.faults:
        yield Finding(place=subject.code, text=subject.problem)


def personal_data_declared(subject: Subject) -> Iterator[Finding]:
    """The data: what says about whom a row is stands under ``personal_data``, and nothing else does."""
    if subject.manifest is None:
        return
    declared = declared_in(subject.manifest)
    yield from undeclared(subject.manifest.handle, subject.tables, declared)
    yield from absent(subject.tables, declared, is_all=subject.knows_all)


CHECKS: Final[tuple[Check, ...]] = (files_in_order, code_comes_up, personal_data_declared)


def declared_in(manifest: Manifest) -> Declared:
    """Return what a manifest declares, as the checks compare it."""
    if manifest.personal_data is None:
        return None
    return {(each.table, each.user_column) for each in manifest.personal_data}


def _as_finding(fault: Fault) -> Finding:
    place = f"{fault.file}, {fault.key}" if fault.key else fault.file
    return Finding(place=place, text=str(fault)[len(place) + 2 :])
