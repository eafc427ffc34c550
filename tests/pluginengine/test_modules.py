"""Importing plugins: two versions side by side, one import per digest, nothing written (engineering A6)."""

import sys

import pytest

from portal.pluginengine.digest import folder_digest
from portal.pluginengine.modules import PluginModules
from tests.factories import make_group


@pytest.fixture
def modules():
    modules = PluginModules()
    yield modules
    modules.close()


def announce(modules, folder) -> str:
    return modules.package_name("probe", folder, folder_digest(folder))


def ours(package: str) -> list[str]:
    return [name for name in sys.modules if name.startswith(package)]


def test_a_package_carries_handle_and_digest_in_its_name(modules, make_plugin):
    folder = make_plugin("probe")
    assert announce(modules, folder) == f"portal_plugins.probe_{folder_digest(folder)[:12]}"


def test_a_module_is_imported_once_per_digest(modules, make_plugin):
    package = announce(modules, make_plugin("probe", files={"plugin.py": "THING = object()"}))
    first = modules.load(package, "plugin", "probe")
    assert modules.load(package, "plugin", "probe") is first


def test_a_module_that_is_not_there_is_none(modules, make_plugin):
    package = announce(modules, make_plugin("probe"))
    assert modules.load(package, "plugin", "probe") is None
    assert modules.load(package, "plugin", "probe") is None


def test_modules_import_each_other_relatively_with_and_without_init(modules, make_plugin):
    files = {
        "plugin.py": "from .parts.one import ONE\nfrom . import other\n",
        "other.py": "TWO = 2",
        "parts/one.py": "from ..other import TWO\nfrom . import two\nONE = TWO - 1",
        "parts/__init__.py": "",
        "parts/two.py": "",
    }
    package = announce(modules, make_plugin("probe", files=files))
    plugin = modules.load(package, "plugin", "probe")
    assert (plugin.ONE, plugin.other.TWO) == (1, 2)
    files["__init__.py"] = "NAME = __name__"
    package = announce(modules, make_plugin("probe", files=files))
    assert modules.load(package, "plugin", "probe").ONE == 1
    assert package == sys.modules[package].NAME


def test_a_plugin_is_not_to_be_had_under_its_plain_name(modules, make_plugin):
    package = announce(modules, make_plugin("probe", files={"plugin.py": "import probe"}))
    with pytest.raises(ModuleNotFoundError):
        modules.load(package, "plugin", "probe")


def test_two_versions_live_side_by_side_and_each_imports_its_own(modules, make_plugin):
    """Same module name: a function-level import in the old generation would run the new code."""
    files = {
        "plugin.py": "def answer():\n    from .value import VALUE\n    return VALUE\n",
        "value.py": "VALUE = 'old'",
    }
    folder = make_plugin("probe", files=files)
    old = modules.load(announce(modules, folder), "plugin", "probe")
    assert old.answer() == "old"
    make_plugin("probe", files={**files, "value.py": "VALUE = 'new'"})
    new = modules.load(announce(modules, folder), "plugin", "probe")
    assert (old.answer(), new.answer()) == ("old", "new")


@pytest.mark.parametrize(
    "failure", ["raise ValueError", "raise SystemExit(3)", "import nothing_such"]
)
def test_a_failed_import_leaves_nothing_and_the_next_try_starts_afresh(
    modules, make_plugin, failure
):
    files = {"plugin.py": f"from . import other\n{failure}", "other.py": ""}
    package = announce(modules, make_plugin("probe", files=files))
    for _ in range(2):
        with pytest.raises((ValueError, SystemExit, ModuleNotFoundError)):
            modules.load(package, "plugin", "probe")
        assert not ours(package)


def test_what_is_not_kept_is_forgotten(modules, make_plugin):
    folder = make_plugin("probe", files={"plugin.py": "A = 1"})
    old = announce(modules, folder)
    modules.load(old, "plugin", "probe")
    make_plugin("probe", files={"plugin.py": "A = 2"})
    new = announce(modules, folder)
    modules.load(new, "plugin", "probe")
    modules.keep_only([new])
    assert not ours(old)
    assert sorted(ours(new)) == [new, f"{new}.plugin"]


def test_closing_leaves_the_import_system_as_it_was(make_plugin):
    finders, names = list(sys.meta_path), set(sys.modules)
    modules = PluginModules()
    package = announce(modules, make_plugin("probe", files={"plugin.py": ""}))
    modules.load(package, "plugin", "probe")
    modules.close()
    assert sys.meta_path == finders
    assert set(sys.modules) - names <= {"portal_plugins"}


def files_in(folder) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_nothing_is_written_into_a_plugins_folder(site, make_plugin, monkeypatch):
    """Design 4: folders are read-only to us; not even bytecode, of migrations neither."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    migration = "revision = 'probe_1'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n"
    folder = make_plugin(
        "probe",
        methods="pass",
        files={
            "migrations/0001_nothing.py": migration,
            "views.py": "from flask import Blueprint\nbp = Blueprint('probe', __name__)\n",
            "templates/probe/page.html": "page",
        },
    )
    before = files_in(folder)
    site.enable("probe")
    with site.app.test_request_context("/"):
        site.engine.plugins["probe"].instance.render("page.html")
    site.operate("disable", "probe")
    assert files_in(folder) == before
    assert not list(folder.rglob("__pycache__"))


# -- generations ---------------------------------------------------------------------------------

ANSWER = "def answer(self):\n    from .value import VALUE\n    return VALUE\n"


def write(make_plugin, value: str) -> None:
    make_plugin(
        "probe",
        config={"scope": ["site"]},
        events={"project_after_description": ["answer"]},
        methods=ANSWER,
        files={"value.py": f"VALUE = {value!r}"},
    )


def test_two_generations_of_the_same_code_share_its_modules(site, make_plugin):
    write(make_plugin, "text")
    site.enable("probe")
    old = site.engine.plugins["probe"]
    site.refresh()
    new = site.engine.plugins["probe"]
    assert new is not old
    assert new.instance is not old.instance
    assert type(new.instance) is type(old.instance)
    assert new.package == old.package


def test_the_old_generation_goes_on_with_the_old_code(site, make_plugin):
    write(make_plugin, "old words")
    site.enable("probe")
    with site.arrange():
        make_group("apollo")
    old = site.app
    assert "old words" in old.test_client().get("/groups/apollo/").text
    write(make_plugin, "new words")
    site.refresh()
    assert "new words" in site.app.test_client().get("/groups/apollo/").text
    assert "old words" in old.test_client().get("/groups/apollo/").text
