"""`portal doctor`: every setting with its source, and whether the site is well."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from portal.cli.checks import Check, run_checks
from portal.config import SettingRow, Settings

MARKS = {"ok": "ok", "warning": "WARNING", "failure": "FAILURE"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def doctor(as_json: bool) -> None:
    """Show every setting (secrets masked) and check the site; exits with 1 when a check fails."""
    settings = Settings.load()
    checks = list(run_checks(settings))
    click.echo(as_object(settings, checks) if as_json else as_text(settings, checks))
    sys.exit(1 if any(check.status == "failure" for check in checks) else 0)


def as_object(settings: Settings, checks: Sequence[Check]) -> str:
    """Return settings and checks as JSON."""
    report = {
        "ok": all(check.status != "failure" for check in checks),
        "settings": [asdict(row) for row in settings.describe()],
        "checks": [asdict(check) for check in checks],
    }
    return json.dumps(report, indent=2)


def as_text(settings: Settings, checks: Sequence[Check]) -> str:
    """Return settings and checks as aligned text."""
    settings_part = ["Settings", *_setting_lines(settings.describe())]
    return "\n".join([*settings_part, "", "Checks", *_check_lines(checks)])


def _setting_lines(rows: Sequence[SettingRow]) -> list[str]:
    name, value = (max(len(getattr(row, key)) for row in rows) for key in ("name", "value"))
    return [f"  {row.name:<{name}}  {row.value:<{value}}  {row.source}" for row in rows]


def _check_lines(checks: Sequence[Check]) -> list[str]:
    name = max(len(check.name) for check in checks)
    mark = max(len(MARKS[check.status]) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"  {check.name:<{name}}  {MARKS[check.status]:<{mark}}  {check.text}")
        if check.remedy:
            lines.append(f"  {'':<{name}}  {'':<{mark}}  -> {check.remedy}")
    return lines
