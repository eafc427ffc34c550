"""The key `pages` of config.yml: how the portal's pages show a plugin's own types (engineering 2 (aa))."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.pluginengine.errors import ManifestError
from portal.pluginengine.manifest import Judgement, PagesDeclaration, read_manifest
from tests.fixtures.plugins import write_plugin
from tests.pluginengine.manifests import accepted, judged, places, rules

TYPES = {
    "book": {"title": "string(80)", "notes": "text", "cover": "blob", "read": "boolean"},
    "loan": {"what": "string", "group_id": "integer references groups"},
    "word": {"text": "string(40) primary key"},
    "cup": "models:Cup",
}


def pages(**said: Any) -> Judgement:
    """Judge what is said of pages in a plugin with these types."""
    return judged(schema_version="1", object_types=TYPES, pages=said)


def test_everything_that_can_be_said_is_read() -> None:
    said = {
        "label": "Book", "plural": "Library", "title": "title", "columns": ["title", "id"],
        "sort": "read", "descending": "yes", "only": ["list", "show"], "view": "people",
    }  # fmt: skip
    manifest = accepted(schema_version="1", object_types=TYPES, pages={"book": said})
    assert manifest.pages == (
        PagesDeclaration(
            type="book", label="Book", plural="Library", title="title", columns=("title", "id"),
            sort="read", descending=True, only=("list", "show"), view="people",
        ),
    )  # fmt: skip


def test_what_is_left_out_is_not_said() -> None:
    """``only`` left out means all pages, an empty list none."""
    first, second = accepted(
        schema_version="1", object_types=TYPES, pages={"book": {}, "loan": {"only": []}}
    ).pages
    assert first == PagesDeclaration(type="book")
    assert (second.only, first.only) == ((), None)


@pytest.mark.parametrize(
    ("said", "place", "rule"),
    [
        ({"bok": {}}, "pages > bok", "Did you mean book?"),
        ({"book": {"title": "titel"}}, "pages > book > title", "Did you mean title?"),
        ({"book": {"title": "cover"}}, "pages > book > title", "Bytes cannot be shown"),
        ({"loan": {"title": "group_id"}}, "pages > loan > title", "not called by whom it refers"),
        ({"book": {"columns": ["title", "isbn"]}}, "pages > book > columns", "no such column"),
        ({"book": {"columns": ["title", "title"]}}, "pages > book > columns > 2", "twice"),
        ({"book": {"columns": "title"}}, "pages > book > columns", "A list belongs here"),
        ({"book": {"sort": "notes"}}, "pages > book > sort", "not sorted by a column of kind text"),
        ({"book": {"sort": "cover"}}, "pages > book > sort", "Bytes cannot be shown"),
        ({"book": {"only": ["lst"]}}, "pages > book > only > 1", "Did you mean list?"),
        ({"book": {"view": "all"}}, "pages > book > view", "everybody, people, permission"),
        ({"book": {"descending": "down"}}, "pages > book > descending", "true or false"),
        ({"book": {"label": ["a"]}}, "pages > book > label", "A text belongs here"),
        ({"book": ["title"]}, "pages > book", "A mapping of names to values"),
        ({"loan": {"view": "people"}}, "pages > loan > view", "Whoever sees the group sees rows"),
        ({"word": {"label": "Word"}}, "pages > word", "its key is not one whole number"),
    ],
)
def test_what_breaks_a_rule_is_a_fault_at_its_place(
    said: dict[str, Any], place: str, rule: str
) -> None:
    judgement = pages(**said)
    assert places(judgement) == [f"config.yml {place}"]
    assert rule in rules(judgement)


def test_all_faults_are_told_together() -> None:
    found = places(pages(bok={}, book={"sort": "notes", "title": "x", "only": ["all"]}))
    assert len(found) == len(set(found)) == 4


def test_a_key_that_is_not_known_is_a_warning_with_the_nearest_one() -> None:
    manifest, faults, warnings = pages(book={"colums": ["title"]})
    assert manifest is not None
    assert faults == ()
    assert [(each.key, "Did you mean columns?" in each.rule) for each in warnings] == [
        ("pages > book > colums", True)
    ]


def test_columns_of_a_class_are_judged_when_it_is_known() -> None:
    """Only its code tells which it has."""
    assert pages(cup={"sort": "size", "view": "everybody"}).faults == ()


def test_a_type_whose_key_is_no_number_may_say_that_it_has_no_pages() -> None:
    assert pages(word={"only": []}).faults == ()


def test_a_faulty_type_is_told_once() -> None:
    """What follows from it alone is no second fault."""
    judgement = judged(
        schema_version="1",
        object_types={"book": {"title": "sting(80)"}},
        pages={"book": {"title": "title"}},
    )
    assert places(judgement) == ["config.yml object_types > book > title"]


def test_types_of_other_files_are_known_when_these_are_read(tmp_path: Path) -> None:
    """E-20: the types under orm.path are the plugin's own, too."""
    files = {"tables/star.yml": "star: {name: string(80) not null, mass: double}"}
    config = {"orm.path": ["tables"], "schema_version": "1", "pages": {"star": {"sort": "mass"}}}
    folder = write_plugin(tmp_path, "sky", config=config, files=files)
    assert read_manifest(folder).pages[0].sort == "mass"
    config = {**config, "pages": {"star": {"sort": "mas"}, "sun": {}}}
    folder = write_plugin(tmp_path, "sky", config=config, files=files)
    with pytest.raises(ManifestError) as error:
        read_manifest(folder)
    assert [each.key for each in error.value.faults] == ["pages > star > sort", "pages > sun"]


@pytest.mark.parametrize(
    ("scope", "warned"), [(["group"], ["pages > book > view"]), (["site", "group"], []), (None, [])]
)
def test_what_is_open_to_everybody_wants_the_sites_scope(
    scope: list[str] | None, warned: list[str]
) -> None:
    """Design 9: a page of a plugin without it needs a group or somebody who is logged in."""
    given = {} if scope is None else {"scope": scope}
    manifest, _faults, warnings = judged(
        schema_version="1", object_types=TYPES, pages={"book": {"view": "everybody"}}, **given
    )
    assert manifest is not None
    assert [each.key for each in warnings] == warned
