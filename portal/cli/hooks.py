"""`portal hooks list`: the catalogue of hooks, for people and for tools."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from portal.pluginengine.engine import current_engine
from portal.pluginengine.hooks import HookSpec


@click.group("hooks")
def hooks() -> None:
    """Look up the hooks that plugins can answer."""


@hooks.command("list")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: every hook with all that is known of it."
)
@with_appcontext
def list_hooks(as_json: bool) -> None:
    """List the hooks: name, kind, scope, parameters with types, where they fire, what for."""
    specs = sorted(current_engine().catalogue, key=lambda spec: spec.name)
    if as_json:
        click.echo(json.dumps([spec.describe() for spec in specs], indent=2, ensure_ascii=False))
        return
    for spec in specs:
        _print(spec)


def _print(spec: HookSpec) -> None:
    when = f"planned with {spec.planned}" if spec.planned else spec.where
    click.echo(f"{spec.name}  [{spec.kind}, {spec.scope}]")
    click.echo(f"    fires    {when}")
    for name, kind in spec.params.items():
        click.echo(f"    {name:<9}{kind}")
    click.echo(f"    returns  {spec.returns_text}")
    click.echo(f"    {spec.doc}")
