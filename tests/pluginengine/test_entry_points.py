"""Plugins that pip installed: the entry point group portal.plugins (engineering 2 (n), R-19)."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from portal.pluginengine.errors import Refused
from portal.pluginengine.packages import InstalledPackages
from tests.factories import make_group
from tests.fixtures.plugins import manifest

PLUGIN = """
from portal.pluginapi import MenuItem, Plugin

from .words import TITLE


class Hello(Plugin):
    def tab(self):
        return MenuItem(key="acme", title=TITLE, url="/plugins/acme/")
"""
VIEWS = """
from flask import Blueprint

from portal.pluginapi import current

bp = Blueprint("acme", __name__)


@bp.get("/g/<group>/")
def index():
    return f"hello {current.group.name}"
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A directory of sys.path, as pip fills it; what was imported from it is forgotten afterwards."""
    place = tmp_path / "site-packages"
    place.mkdir()
    monkeypatch.syspath_prepend(place)
    yield place
    for name in [each for each in sys.modules if each.split(".")[0] in ("acmehello", "acme")]:
        del sys.modules[name]


@pytest.fixture
def pip_install(place):
    """Lay a distribution down: ``pip_install("1.0")``; again with another version to upgrade it."""

    def install(
        version: str = "1.0",
        *,
        package: str = "acmehello",
        code: str = "acme",
        point: str = "",
        title: str = "Hello",
    ) -> Path:
        folder = place.joinpath(*package.split("."))
        folder.mkdir(parents=True, exist_ok=True)
        for parent in (folder, *folder.parents):
            if parent == place:
                break
            (parent / "__init__.py").write_text("raise_if_imported_early = True\n")
        config = manifest(code, version=version, policy={"group": "forced"})
        files = {
            "config.yml": yaml.safe_dump(config),
            "event.yml": "groupmenu: [[tab, NORMAL]]",
            "plugin.py": PLUGIN,
            "views.py": VIEWS,
            "words.py": f"TITLE = {title!r}\n",
        }
        for name, text in files.items():
            (folder / name).write_text(dedent(text))
        for old in place.glob("acme_hello-*.dist-info"):
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
        about = place / f"acme_hello-{version}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: acme-hello\nVersion: {version}\n"
        )
        (about / "entry_points.txt").write_text(f"[portal.plugins]\n{point or code} = {package}\n")
        return folder

    return install


def tab_titles(site) -> str:
    with site.arrange():
        make_group("apollo")
    return site.client().get("/groups/apollo/").get_data(as_text=True)


def test_an_installed_package_is_offered_without_being_imported(site, pip_install):
    folder = pip_install()
    found = site.runtime.discovery.found()["acme"]
    assert (found.source, found.package, found.folder) == ("pip", "acmehello", folder)
    assert found.manifest is not None
    assert "acmehello" not in sys.modules


def test_it_runs_under_its_own_module_names(site, pip_install):
    pip_install()
    site.enable("acme")
    assert site.engine.plugins["acme"].package == "acmehello"
    assert type(site.engine.plugins["acme"].instance).__module__ == "acmehello.plugin"
    assert "Hello" in tab_titles(site)
    assert site.client().get("/plugins/acme/g/apollo/").get_data(as_text=True) == "hello apollo"


def test_a_package_inside_another_is_found_without_importing_the_outer_one(site, pip_install):
    pip_install(package="acme.portal.hello")
    assert site.runtime.discovery.found()["acme"].package == "acme.portal.hello"
    assert "acme" not in sys.modules
    site.enable("acme")
    assert "Hello" in tab_titles(site)


def test_an_upgrade_waits_for_a_restart(site, pip_install):
    """Its modules bear its own names, so a process has one version of them."""
    pip_install("1.0")
    site.enable("acme")
    pip_install("2.0", title="Hello again")
    site.refresh()
    problem = site.engine.problems["acme"]
    assert problem.kind == "update"
    assert "the folder holds version 2.0, the site runs 1.0" in problem.cause


def test_after_the_update_the_old_code_is_not_passed_off_as_the_new(site, pip_install):
    pip_install("1.0")
    site.enable("acme")
    site.operate("unregister", "acme", disable_first=True)
    pip_install("2.0")
    site.operate("register", "acme")
    with pytest.raises(Refused, match=r"Restart required: pip has installed version 2\.0"):
        site.operate("enable", "acme")


def test_the_same_version_goes_on_running(site, pip_install):
    folder = pip_install("1.0")
    site.enable("acme")
    (folder / "README.md").write_text("Something new to read.")
    site.refresh()
    assert "acme" in site.engine.plugins


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"point": "other"}, "The entry point is named other"),
        ({"code": "1acme"}, "letter"),
    ],
)
def test_a_faulty_package_is_listed_with_its_fault(site, pip_install, options, rule):
    pip_install(**options)
    (found,) = [each for each in site.runtime.discovery.found().values() if each.source == "pip"]
    assert found.manifest is None
    assert any(rule in fault.rule for fault in found.faults), found.faults


def test_an_entry_point_that_leads_nowhere_is_listed_with_its_fault(site, place, pip_install):
    pip_install()
    (place / "acme_hello-1.0.dist-info" / "entry_points.txt").write_text(
        "[portal.plugins]\nacme = nowhere.at.all\n"
    )
    found = site.runtime.discovery.found()["acme"]
    assert "names nowhere.at.all, which is no package" in str(found.faults[0])
    with pytest.raises(Refused, match="is faulty"):
        site.operate("register", "acme")


def test_a_folder_with_the_same_code_wins(site, make_plugin, pip_install):
    """The order: bundled, PORTAL_PLUGIN_PATH, pip."""
    pip_install()
    folder = make_plugin("acme")
    found = site.runtime.discovery.found()
    assert (found["acme"].folder, found["acme"].source) == (folder, "path")
    (twin,) = [each for each in found.values() if each.source == "pip"]
    assert "has this code already" in str(twin.faults[0])


def test_a_bundled_plugin_wins_over_both(site, make_plugin, pip_install):
    pip_install(code="helloworld")
    make_plugin("helloworld")
    assert site.runtime.discovery.found()["helloworld"].source == "bundled"


def test_a_package_installed_meanwhile_is_found_without_a_restart(site, pip_install):
    packages = InstalledPackages()
    assert "acme" not in [each.code for each in packages.found()]
    pip_install()
    assert "acme" in [each.code for each in packages.found()]
