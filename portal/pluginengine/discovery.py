"""Finding plugins on disk: folders with a config.yml, judged but never imported.

A folder without a row in ``plugins`` is offered for installation and never loaded (R-19, 2.3.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _

from portal.pluginengine.digest import Digests
from portal.pluginengine.errors import Fault, ManifestError
from portal.pluginengine.manifest import Manifest, read_manifest


@dataclass(frozen=True, kw_only=True)
class Found:
    """A folder that wants to be a plugin: its manifest, or what is wrong with it.

    ``bundled`` is True for the folders that come with the portal.
    """

    folder: Path
    digest: str
    bundled: bool
    manifest: Manifest | None
    faults: tuple[Fault, ...] = ()

    @property
    def code(self) -> str:
        """The code it declares, or the folder's name when its manifest cannot be read."""
        return self.manifest.code if self.manifest else self.folder.name


@dataclass(frozen=True, kw_only=True)
class Place:
    """A directory whose sub-folders are plugins."""

    path: Path
    bundled: bool


class Discovery:
    """Judges the plugin folders of a site; a manifest is read again only when its folder changes."""

    def __init__(self, places: Sequence[Place], digests: Digests) -> None:
        self.places = tuple(places)
        self._digests = digests
        self._known: dict[Path, tuple[str, Found]] = {}

    def found(self) -> Mapping[str, Found]:
        """Return what lies on disk, by code in lower case; the first place wins, later twins are faulty."""
        result: dict[str, Found] = {}
        for place in self.places:
            for folder in _folders(place.path):
                each = self._judge(folder, bundled=place.bundled)
                key = each.code.lower()
                if key in result:
                    each = _twin(each, result[key])
                    key = str(each.folder)
                result[key] = each
        return result

    def _judge(self, folder: Path, *, bundled: bool) -> Found:
        digest = self._digests.of(folder)
        known = self._known.get(folder)
        if known is None or known[0] != digest:
            known = (digest, _read(folder, digest, bundled=bundled))
            self._known[folder] = known
        return known[1]


def _folders(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for folder in sorted(path.iterdir()):
            if (folder / "config.yml").is_file():
                yield folder


def _read(folder: Path, digest: str, *, bundled: bool) -> Found:
    try:
        manifest = read_manifest(folder, bundled=bundled)
    except ManifestError as error:
        return Found(
            folder=folder, digest=digest, bundled=bundled, manifest=None, faults=error.faults
        )
    except OSError as error:
        fault = Fault(
            file="config.yml",
            key="",
            value="",
            rule=_("It cannot be read: %(why)s", why=str(error)),
        )
        return Found(folder=folder, digest=digest, bundled=bundled, manifest=None, faults=(fault,))
    return Found(folder=folder, digest=digest, bundled=bundled, manifest=manifest)


def _twin(each: Found, first: Found) -> Found:
    rule = _(
        "Another folder has this code already: %(folder)s. Remove or rename one.",
        folder=str(first.folder),
    )
    fault = Fault(file="config.yml", key="code", value=each.code, rule=rule)
    return Found(
        folder=each.folder,
        digest=each.digest,
        bundled=each.bundled,
        manifest=None,
        faults=(*each.faults, fault),
    )
