"""Finding plugins: folders with a config.yml and packages of pip, judged but never imported.

A plugin without a row in ``plugins`` is offered for installation and never loaded (R-19, 2.3.1). When
several places hold the same code, the first one wins: the bundled plugins, then the directories of
PORTAL_PLUGIN_PATH in their order, then pip's packages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from flask_babel import gettext as _

from portal.pluginengine.digest import Digests
from portal.pluginengine.errors import Fault, ManifestError
from portal.pluginengine.manifest import CONFIG_FILE, Manifest, read_manifest
from portal.pluginengine.packages import InstalledPackages, Package

Source = Literal["bundled", "path", "pip", "archive"]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What wants to be a plugin: its folder and its manifest, or what is wrong with it.

    ``source`` says where it was found; ``package`` is the importable name of one installed by pip.
    """

    folder: Path
    digest: str
    source: Source
    manifest: Manifest | None
    faults: tuple[Fault, ...] = ()
    package: str = ""

    @property
    def code(self) -> str:
        """The code it declares, or the folder's name when its manifest cannot be read."""
        return self.manifest.code if self.manifest else self.folder.name


@dataclass(frozen=True, kw_only=True)
class Place:
    """A directory whose sub-folders are plugins."""

    path: Path
    source: Source


class Discovery:
    """Judges the plugins of a site; a manifest is read again only when its folder changes."""

    def __init__(
        self,
        places: Sequence[Place],
        digests: Digests,
        packages: InstalledPackages | None = None,
    ) -> None:
        self.places = tuple(places)
        self._digests = digests
        self._packages = packages or InstalledPackages()
        self._known: dict[Path, tuple[str, Found]] = {}

    def found(self) -> Mapping[str, Found]:
        """Return what is there, by code in lower case; the first place wins, later twins are faulty."""
        result: dict[str, Found] = {}
        for each in self._all():
            key = each.code.lower()
            if key in result:
                twin = _twin(each, result[key])
                result[f"{each.source} {each.package or each.folder}"] = twin
            else:
                result[key] = each
        return result

    def judge_stored(self, folder: Path) -> Found:
        """Return the plugin in the folder of an unpacked archive."""
        return self._judge(folder, "archive")

    def _all(self) -> Iterator[Found]:
        for place in self.places:
            for folder in _folders(place.path):
                yield self._judge(folder, place.source)
        for package in self._packages.found():
            yield self._judge_package(package)

    def _judge(self, folder: Path, source: Source) -> Found:
        digest = self._digests.of(folder)
        known = self._known.get(folder)
        if known is None or known[0] != digest:
            known = (digest, _read(folder, digest, source))
            self._known[folder] = known
        return known[1]

    def _judge_package(self, package: Package) -> Found:
        if package.folder is None:
            fault = Fault(file="", key=package.name, value="", rule=package.fault)
            return Found(
                folder=Path(package.code),
                digest="",
                source="pip",
                manifest=None,
                faults=(fault,),
                package=package.name,
            )
        found = replace(self._judge(package.folder, "pip"), package=package.name)
        if found.manifest is None or found.code.lower() == package.code.lower():
            return found
        rule = _(
            "The entry point is named %(name)s; it must have the plugin's code.", name=package.code
        )
        fault = Fault(file=CONFIG_FILE, key="code", value=found.code, rule=rule)
        return replace(found, manifest=None, faults=(fault,))


def _folders(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for folder in sorted(path.iterdir()):
            if (folder / "config.yml").is_file():
                yield folder


def _read(folder: Path, digest: str, source: Source) -> Found:
    try:
        manifest = read_manifest(
            folder, bundled=source == "bundled", in_place=source in ("bundled", "path")
        )
    except ManifestError as error:
        return Found(
            folder=folder, digest=digest, source=source, manifest=None, faults=error.faults
        )
    except OSError as error:
        fault = Fault(
            file="config.yml",
            key="",
            value="",
            rule=_("It cannot be read: %(why)s", why=str(error)),
        )
        return Found(folder=folder, digest=digest, source=source, manifest=None, faults=(fault,))
    return Found(folder=folder, digest=digest, source=source, manifest=manifest)


def _twin(each: Found, first: Found) -> Found:
    rule = _(
        "Another folder has this code already: %(folder)s. Remove or rename one.",
        folder=str(first.folder),
    )
    fault = Fault(file=CONFIG_FILE, key="code", value=each.code, rule=rule)
    return replace(each, manifest=None, faults=(*each.faults, fault))
