"""Makes texts of config.yml and event.yml for the tests of the manifest."""

from __future__ import annotations

import yaml

from portal.pluginengine.manifest import Judgement, Manifest, judge

BASE = {"name": "Foo", "code": "Foo", "version": "1.0"}
"""The least that a plugin must say (E-17, E-23, E-24)."""


def config(**keys: object) -> str:
    """A config.yml with the required keys and ``keys``; `orm__path` stands for `orm.path`."""
    given = {key.replace("__", "."): value for key, value in keys.items()}
    return yaml.safe_dump(BASE | given, sort_keys=False)


def judged(**keys: object) -> Judgement:
    """The judgement on a config.yml with ``keys`` and without an event.yml."""
    return judge(config(**keys))


def accepted(**keys: object) -> Manifest:
    """The manifest of a config.yml with ``keys``, which must be without fault."""
    manifest, faults, _warnings = judged(**keys)
    assert faults == ()
    assert manifest is not None
    return manifest


def places(judgement: Judgement) -> list[str]:
    """Where the faults are, each as `file key`."""
    return [f"{fault.file} {fault.key}".strip() for fault in judgement.faults]


def rules(judgement: Judgement) -> str:
    """The rules of all faults, one a line."""
    return "\n".join(fault.rule for fault in judgement.faults)
