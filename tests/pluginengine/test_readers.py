"""Packages of the host read what manifests declare, while an app is built."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Flask

from portal.pluginengine.errors import LoadError
from portal.pluginengine.loader import Problem
from portal.pluginengine.manifest import Manifest
from portal.pluginengine.readers import ManifestReader, read_all, read_manifests
from tests.pluginengine.manifests import accepted


def plugin(code: str, *needs: str) -> Any:
    """Return a plugin as the loader makes it, as far as readers look at it."""
    manifest = accepted(code=code, requires={"plugins": dict.fromkeys(needs, "1.0")})
    return SimpleNamespace(handle=code, record=SimpleNamespace(code=code), manifest=manifest)


class Notes:
    """A reader that notes what it is asked, and objects to one plugin."""

    def __init__(self, app: Flask, objects_to: str = "") -> None:
        self.judged: list[str] = []
        self.adopted: list[str] = []
        self.is_finished = False
        self._objects_to = objects_to
        read_manifests(
            app,
            ManifestReader(judge=self.judge, adopt=self.adopt, finish=self.finish),
        )

    def judge(self, manifest: Manifest) -> None:
        """Note, and object."""
        self.judged.append(manifest.code)
        if manifest.code == self._objects_to:
            raise LoadError(manifest.handle, "It is odd.")

    def adopt(self, manifest: Manifest) -> None:
        """Note."""
        self.adopted.append(manifest.code)

    def finish(self) -> None:
        """Note."""
        self.is_finished = True


def test_what_others_need_is_read_first_then_in_the_given_order() -> None:
    """Spec 3.3.3: dependencies first, then plugin_id; a circle of needs does no harm."""
    app = Flask(__name__)
    notes = Notes(app)
    plugins = {each.handle: each for each in (plugin("a", "c"), plugin("b", "a"), plugin("c", "b"))}
    read_all(app, plugins, {})
    assert notes.judged == notes.adopted == ["b", "c", "a"]
    assert notes.is_finished


def test_what_one_reader_refuses_no_reader_adopts_and_it_costs_its_plugin_only() -> None:
    app = Flask(__name__)
    first, second = Notes(app), Notes(app, objects_to="b")
    plugins = {each.handle: each for each in (plugin("a"), plugin("b"), plugin("c"))}
    problems: dict[str, Problem] = {}
    read_all(app, plugins, problems)
    assert list(plugins) == ["a", "c"]
    assert first.adopted == second.adopted == ["a", "c"]
    assert (problems["b"].kind, problems["b"].cause) == ("broken", "It is odd.")


def test_without_readers_nothing_happens() -> None:
    plugins = {"a": plugin("a")}
    read_all(Flask(__name__), plugins, {})
    assert list(plugins) == ["a"]
