"""The reference of the hooks in Markdown: docs/plugins/hooks.md is what this writes.

What a hook is comes from its specification; the examples come from a plugin that runs, so that neither
can say what is not so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import yaml

from portal.config import ROOT
from portal.pluginengine.hooks import HookSpec

#: The plugin that answers every hook whose value can be made.
EXAMPLES = ROOT / "docs" / "plugins" / "examples" / "everyhook"

COMMAND = "portal hooks list --markdown"

HEAD = f"""\
# The hooks

<!-- Made by `{COMMAND}`, from portal/*/hooks.py and docs/plugins/examples/everyhook/; change those. -->

A hook is a place where plugins join in. A plugin names it in `event.yml` (or in `get_hooks()`, or under
`links:`) and answers it with a method that takes the parameters it wants, by their names:

| kind | a handler | what becomes of the answers |
|---|---|---|
| notify | is told | called after the commit, or at once where it says *now* |
| collect | returns a value, or a list of them, or None | put together in the order of the handler table |
| render | returns markup or None; plain text is escaped | joined, in what the portal draws around it |
| check | raises `Veto("why")` to object | the first veto undoes the whole write |
| first | answers, or returns None to abstain | the first answer counts |

The **scope** says whose switch decides. A *group* hook asks the plugins that the group uses, a *user*
hook those that the person uses, a *site* hook all that are enabled; a *page* hook goes by whose page it
is. Where a hook has a **seed form**, a text of that form does as well as the value. **Seed parameters**
mark the 23 hooks of GForge's list: `call_hook` gets these entries in `params`, or those of the line
below, where there is one ([coming-from-gforge.md](coming-from-gforge.md)).

The examples are methods of the plugin's class; the plugin they come from is
[`examples/everyhook`](examples/everyhook/). The values and functions they use are described in
[api.md](api.md). `portal hooks list` prints this list for the site it runs on, with `--json` for
programs; site admin shows it with everybody who answers, under Hooks.
"""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A handler that answers the hook, as its author wrote it; ``type`` is that of event.yml."""

    handler: str
    type: str
    source: str


def read_examples(folder: Path = EXAMPLES) -> Mapping[str, Example]:
    """Return the example of each hook that the plugin in ``folder`` answers; none without a folder."""
    if not (folder / "event.yml").is_file():
        return {}
    events = yaml.safe_load((folder / "event.yml").read_text(encoding="utf-8"))
    methods = dict(_methods(folder))
    return {
        hook: Example(handler=each["handler"], type=each["type"], source=methods[each["handler"]])
        for hook, (each, *_others) in events.items()
    }


def _methods(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
        for method in (node for each in classes for node in each.body):
            if isinstance(method, ast.FunctionDef):
                yield method.name, dedent(ast.get_source_segment(text, method, padded=True) or "")


def reference(specs: Iterable[HookSpec], examples: Mapping[str, Example]) -> str:
    """Return the page: what hooks are, the fired and the planned ones in a table each, a section a hook."""
    ordered = sorted(specs, key=lambda spec: spec.name)
    fired = [spec for spec in ordered if spec.planned is None]
    planned = [spec for spec in ordered if spec.planned is not None]
    parts = [HEAD, "## In force\n", _table(fired, "where", [spec.where for spec in fired])]
    if planned:
        comes_with = [spec.planned or "" for spec in planned]
        parts += [
            "## Planned\n",
            "Specified and not yet fired: a plugin may answer them today, and is asked from the day "
            "on which their page is there.\n",
            _table(planned, "comes with", comes_with),
        ]
    parts += ["## One by one\n", *(_section(spec, examples.get(spec.name)) for spec in ordered)]
    return "\n".join(parts)


def _table(specs: Iterable[HookSpec], title: str, texts: Iterable[str]) -> str:
    rows = [
        f"| [`{spec.name}`](#{spec.name}) | {_kind(spec)} | {spec.scope} | {_cell(text)} |"
        for spec, text in zip(specs, texts, strict=True)
    ]
    return "\n".join([f"| hook | kind | scope | {title} |", "|---|---|---|---|", *rows, ""])


def _section(spec: HookSpec, example: Example | None) -> str:
    facts = [f"| {name} | {_cell(text)} |" for name, text in _facts(spec) if text]
    parts = [f"### {spec.name}\n", f"{_text(spec.doc)}\n", "| | |\n|---|---|", *facts, ""]
    if spec.params:
        rows = [_parameter_row(name, text) for name, text in spec.params.items()]
        parts += ["| parameter | type and meaning |\n|---|---|", *rows, ""]
    if example is not None:
        parts += [_example(spec, example)]
    return "\n".join(parts)


def _facts(spec: HookSpec) -> Iterator[tuple[str, str]]:
    yield "**state**", f"planned, comes with {spec.planned}" if spec.planned else ""
    yield "kind", _kind(spec)
    yield "scope", spec.scope
    yield "where", spec.where
    yield "fired in", f"`{spec.fired_in}`" if spec.fired_in else ""
    yield "returns", _returns(spec)
    yield "seed form", str(spec.describe()["seed_form"])
    yield "seed parameters", "" if spec.seed_params is None else _names(spec.seed_params)
    entries = seed_entries(spec)
    yield "`call_hook` gets", "" if entries == list(spec.seed_params or ()) else _names(entries)
    yield "`links:`", "takes one: `{title, url}` in config.yml" if spec.link else ""
    yield "since", spec.since


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def seed_entries(spec: HookSpec) -> list[str]:
    """Return the names of the entries that ``call_hook`` finds in its mapping, the seed's first."""
    if spec.seed_params is None:
        return list(spec.params)
    more = spec.seed_call.names if spec.seed_call is not None else ()
    return list(dict.fromkeys([*spec.seed_params, *more]))


def _returns(spec: HookSpec) -> str:
    texts = {
        "notify": "nothing",
        "check": "nothing; may raise `Veto(message, field=None)`",
        "render": "markup, or None",
        "first": f"{spec.returns_text}, or None to abstain",
        "collect": f"{spec.returns_text}; or a list of them, or None",
    }
    return texts[spec.kind]


def _kind(spec: HookSpec) -> str:
    return f"{spec.kind}, now" if spec.now else str(spec.kind)


def _parameter_row(name: str, text: str) -> str:
    kind, _colon, meaning = text.partition(": ")
    return f"| `{name}` | `{kind}`{': ' if meaning else ''}{_cell(meaning)} |"


def _example(spec: HookSpec, example: Example) -> str:
    line = f"# event.yml: {spec.name}: [{{handler: {example.handler}, type: {example.type}}}]"
    return f"```python\n{line}\n{example.source}\n```\n"


def _cell(text: str) -> str:
    """Return a text as one cell of a table: what looks like a column is none."""
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """Return a text in which what looks like an element is none."""
    return text.replace("<", "&lt;")
