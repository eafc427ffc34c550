"""Which forms of the portal an archive's plugin extends: read off its code, of which nothing runs (E-21)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from portal.pluginengine.archive import PluginArchive


def extended_forms(archive: PluginArchive) -> tuple[str, ...]:
    """Return the names of the forms as the classes say that ``form:`` names.

    Where a class works it out, which only running it tells, its own name stands for it.
    """
    wanted: dict[str, list[str]] = {}
    for path in archive.manifest.form:
        file = (path.module or "forms").replace(".", "/") + ".py"
        wanted.setdefault(file, []).append(path.name)
    found: list[str] = []
    for file, chunks in archive.contents():
        names = wanted.pop(file, None)
        if names is not None:
            found += _forms_in(b"".join(chunks), names)
    found += [name for names in wanted.values() for name in names]
    return tuple(dict.fromkeys(found))


def _forms_in(code: bytes, names: list[str]) -> Iterator[str]:
    classes = {each.name: each for each in ast.parse(code).body if isinstance(each, ast.ClassDef)}
    for name in names:
        yield from _extended(classes[name]) if name in classes else (name,)


def _extended(made_by: ast.ClassDef) -> tuple[str, ...]:
    for each in made_by.body:
        is_told = isinstance(each, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "extends" for target in each.targets
        )
        if isinstance(each, ast.Assign) and is_told:
            try:
                value = ast.literal_eval(each.value)
                return (value,) if isinstance(value, str) else tuple(map(str, value))
            except (TypeError, ValueError):
                break
    return (made_by.name,)
