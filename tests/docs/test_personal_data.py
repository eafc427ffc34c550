"""The plugins of the docs declare what they hold about people: whoever copies one forgets nobody."""

from pathlib import Path

import pytest

from portal.accounts.objecttype import USER
from portal.groups.objecttype import GROUP
from portal.pluginengine.checking.checks import declared_in
from portal.pluginengine.checking.personaldata import undeclared
from portal.pluginengine.checking.tables import declared_tables
from portal.pluginengine.manifest import Manifest, judge
from portal.pluginengine.objecttypes.values import CoreTypes
from tests.docs.pages import DOCS, blocks_of


def finished_manifests() -> dict[str, Manifest]:
    """Return each config.yml of the docs as its page leaves it, by page and file."""
    found = {}
    for page in sorted(DOCS.glob("*.md")):
        for block in blocks_of(page):
            if block.file.endswith("config.yml"):
                judged = judge(block.text, "", folder=Path(block.file).parent.name).manifest
                if judged is not None:
                    found[f"{page.name} {block.file}"] = judged
    return found


MANIFESTS = finished_manifests()


@pytest.mark.parametrize("place", MANIFESTS)
def test_no_plugin_of_the_docs_forgets_anybody(place: str) -> None:
    manifest = MANIFESTS[place]
    tables = declared_tables(manifest, CoreTypes([USER, GROUP]))
    assert list(undeclared(manifest.handle, tables, declared_in(manifest))) == []
