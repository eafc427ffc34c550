"""Every code block of docs/plugins/ is run, and what the pages promise is looked at.

hooks.md has its own test (test_hook_reference.py), and so have the hooks of coming-from-gforge.md.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.config import ROOT
from portal.pluginengine.manifest import judge
from tests.docs.following import Follower
from tests.docs.pages import DOCS, Block, blocks_of, read_page
from tests.docs.test_coming_from_gforge import HOOKS, STYLES

PAGES = sorted(DOCS.glob("*.md"))

#: Pages to be followed from the top to the end.
FOLLOWED = (
    "first-plugin.md",
    "README.md",
    "forms.md",
    "coming-from-gforge.md",
    "declared-applications.md",
    "personal-data.md",
)

#: Pages whose blocks are pieces of code, each below the heading that says of what.
PIECES = {"api.md", "hooks.md"}

LANGUAGES = {"python", "yaml", "jinja", "console"}


@pytest.fixture
def follower(tmp_path: Path, sqlite_url: str) -> Iterator[Follower]:
    """Somebody at a fresh site with the demo's people and groups."""
    follower = Follower(tmp_path, sqlite_url)
    yield follower
    follower.close()


@pytest.mark.parametrize("page", FOLLOWED)
def test_who_follows_a_page_sees_what_it_says(follower: Follower, page: str) -> None:
    follower.follow(part for part in read_page(DOCS / page) if part.section not in HOOKS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_what_it_is(page: Path) -> None:
    """A language, and the file it belongs to unless it is typed into a shell or a piece of code."""
    for block in blocks_of(page):
        assert block.language in LANGUAGES, block.place
        if block.language != "console" and page.name not in PIECES:
            assert block.file, f"{block.place} does not say which file it is"


def test_no_page_with_code_is_left_out() -> None:
    """A new page is followed, or named here with the test that it has."""
    tested_elsewhere = {
        "hooks.md": "tests/docs/test_hook_reference.py",
        "api.md": "tests/docs/test_api_pieces.py",
        "manifest.md": "tests/pluginengine/test_manifest_docs.py",
    }
    with_code = {page.name for page in PAGES if blocks_of(page)}
    assert with_code == set(FOLLOWED) | set(tested_elsewhere)
    assert [each for each in tested_elsewhere.values() if not Path(ROOT, each).is_file()] == []


def manifests() -> list[Block]:
    """Return every config.yml of the docs that is meant to be right."""
    found = [block for page in PAGES for block in blocks_of(page)]
    wrong = "version: 1.0.0"  # first-plugin.md shows what becomes of it
    return [each for each in found if each.file.endswith("config.yml") and wrong not in each.text]


@pytest.mark.parametrize("block", manifests(), ids=lambda block: block.place)
def test_every_manifest_is_without_fault_and_warning(block: Block) -> None:
    judgement = judge(block.text, "", folder=Path(block.file).parent.name)
    assert judgement.faults == ()
    assert judgement.warnings == ()


def test_only_examples_of_hooks_name_a_file_without_its_folder() -> None:
    for page in PAGES:
        for block in blocks_of(page):
            if block.file and "/" not in block.file:
                assert block.section in HOOKS, block.place
                assert block.remark in STYLES, block.place
