"""`portal hooks list`: the catalogue of hooks, for people, for tools and as a page of the docs."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from portal.cli.hook_reference import read_examples, reference
from portal.pluginengine.engine import current_engine
from portal.pluginengine.hooks import HookSpec


@click.group("hooks")
def hooks() -> None:
    """Look up the hooks that plugins can answer."""


@hooks.command("list")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: every hook with all that is known of it."
)
@click.option(
    "--markdown", "as_markdown", is_flag=True, help="Print the page docs/plugins/hooks.md."
)
@with_appcontext
def list_hooks(as_json: bool, as_markdown: bool) -> None:
    """List the hooks: name, kind, scope, parameters with types, where they fire, what for."""
    specs = sorted(current_engine().catalogue, key=lambda spec: spec.name)
    if as_markdown:
        click.echo(reference(specs, read_examples()), nl=False)
        return
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
