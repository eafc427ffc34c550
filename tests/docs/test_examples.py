"""The example plugins whose code stands on a page are the plugins in docs/plugins/examples/."""

import pytest

from tests.docs.pages import DOCS, blocks_of


@pytest.mark.parametrize(("page", "example"), [("forms.md", "badges")])
def test_a_page_shows_the_whole_of_its_example(page: str, example: str) -> None:
    folder = DOCS / "examples" / example
    shown = {
        block.file.removeprefix(f"plugins/{example}/"): block.text
        for block in blocks_of(DOCS / page)
        if block.file.startswith(f"plugins/{example}/")
    }
    there = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*.*")
        if "__pycache__" not in path.parts
    }
    assert shown == there
