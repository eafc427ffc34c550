"""The example plugin and the page that shows it say the same."""

import yaml

from portal.config import ROOT
from tests.docs.pages import blocks_of
from tests.objectpages.library import EXAMPLES

#: What the example says besides.
BESIDES = {"description", "license"}


def test_the_example_is_the_one_of_the_page() -> None:
    shown = {
        each.file: each.text for each in blocks_of(ROOT / "docs/plugins/declared-applications.md")
    }
    for name in ("config.yml", "event.yml"):
        example = yaml.safe_load((EXAMPLES / "books" / name).read_text())
        of_page = yaml.safe_load(shown[f"plugins/books/{name}"])
        assert {key: value for key, value in example.items() if key not in BESIDES} == of_page


def test_the_example_holds_no_python() -> None:
    files = {each.name for each in (EXAMPLES / "books").rglob("*") if each.is_file()}
    assert files == {"config.yml", "event.yml"}
