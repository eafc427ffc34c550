"""Making, changing and deleting rows by the generic forms: what is taken, what is refused, what is kept."""

import pytest

from portal.core.database import db
from tests.objectpages.library import BOOK, BOOKS, SHELVES, Library, errors_in


def stored(library: Library, address: str) -> dict[str, object]:
    """Return the row of a page as the database holds it."""
    key = int(address.rstrip("/").rpartition("/")[2])
    with library.site.arrange("read"):
        table = library.site.engine.plugins["books"].types.own["book"].table
        row = db.session.execute(table.select().where(table.c.id == key)).mappings().one_or_none()
        return dict(row) if row is not None else {}


def test_a_row_is_made_shown_changed_and_deleted(each_library: Library) -> None:
    address = each_library.add(
        title="Digital Apollo", pages="358", is_lent="y", lent_to="dave",
        due_at="2026-03-31T14:30", notes="Read twice.\r\n\r\nLent once.",
    )  # fmt: skip
    page = each_library.get(address).text
    for told in (
        "Digital Apollo",
        "358",
        "<dd>yes</dd>",
        'href="/users/dave/">Dave<',
        "Lent once.",
        ">Bob<",
    ):
        assert told in page
    assert stored(each_library, address)["notes"] == "Read twice.\n\nLent once."

    answer = each_library.edit(address, title="Digital Apollo, 2nd", pages="", lent_to="dave")
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    row = stored(each_library, address)
    assert (row["title"], row["pages"], row["is_lent"]) == ("Digital Apollo, 2nd", None, False)

    question = each_library.get(f"{address}delete", "bob").text
    assert "Delete “Digital Apollo, 2nd”?" in question
    answer = each_library.post(f"{address}delete", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, BOOKS)
    assert not stored(each_library, address)
    assert each_library.get(address).status_code == 404


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"title": ""}, "Title: This field is required."),
        ({"title": "x" * 121}, "Title: At most 120 characters belong here."),
        ({"pages": "many"}, "Pages: A number belongs here."),
        ({"pages": "1.5"}, "Pages: A number belongs here."),
        ({"pages": "0"}, "Pages: At least 1 belongs here."),
        ({"pages": "20001"}, "Pages: At most 20000 belongs here."),
        ({"pages": "9" * 30}, "Pages: A whole number belongs here."),
        ({"state": "burnt"}, "State: Not a valid choice."),
        ({"lent_to": "nobody-at-all"}, "Lent to: There is nobody with this login name."),
        ({"due_at": "tomorrow"}, "Due back: Write a date and a time as in 2026-03-31 14:30."),
    ],
)
def test_what_does_not_fit_is_told_at_its_field_and_kept(
    library: Library, fields: dict[str, str], error: str
) -> None:
    sent = {
        **BOOK,
        "field_notes": "Typed at length.",
        **{f"field_{k}": v for k, v in fields.items()},
    }
    answer = library.post(f"{BOOKS}new", sent)
    assert answer.status_code == 422
    assert any(each.startswith(error) for each in errors_in(answer)), errors_in(answer)
    assert "Typed at length." in answer.text


def test_a_number_of_a_small_kind_is_kept_in_its_range(library: Library) -> None:
    sent = {"field_name": "Oak", "field_places": "40000"}
    answer = library.post(f"{SHELVES}new", sent, "root")
    assert answer.status_code == 422
    assert "Places: A whole number belongs here." in errors_in(answer)


def test_group_and_person_are_set_by_the_host(library: Library) -> None:
    forged = {**BOOK, "id": "77", "field_id": "77"}
    for name in ("group_id", "user_id", "changed_at"):
        forged |= {name: "2", f"field_{name}": "2"}
    address = library.post(f"{BOOKS}new", forged).headers["Location"]
    row, bob = stored(library, address), library.person("bob")
    assert (row["group_id"], row["user_id"]) == (1, bob.user_id)
    assert row["id"] != 77
    sent = {**forged, "digest": library.digest(address, "alice")}
    assert library.post(f"{address}edit", sent, "alice").status_code == 303
    row = stored(library, address)
    assert (row["group_id"], row["user_id"]) == (1, bob.user_id)


def test_a_moment_is_typed_and_read_in_the_viewers_zone(library: Library) -> None:
    with library.site.arrange():
        alice = db.session.merge(library.people["alice"])
        alice.timezone = "Asia/Tokyo"
    address = library.add(user_name="alice", title="Sakigake", due_at="2026-03-31T09:00")
    assert str(stored(library, address)["due_at"]) == "2026-03-31 00:00:00+00:00"
    assert 'value="2026-03-31T09:00"' in library.get(f"{address}edit", "alice").text
    assert 'value="2026-03-31T00:00"' in library.get(f"{address}edit", "bob").text


def test_whoever_was_overtaken_is_told_and_keeps_what_was_typed(each_library: Library) -> None:
    address = each_library.add(title="Apollo 13")
    digest = each_library.digest(address, "alice")
    assert each_library.edit(address, title="Lost Moon").status_code == 303
    late = {**BOOK, "field_title": "Apollo Thirteen", "digest": digest}
    answer = each_library.post(f"{address}edit", late, "alice")
    assert answer.status_code == 409
    assert "Somebody else has changed this since you opened the form." in answer.text
    assert 'value="Apollo Thirteen"' in answer.text
    assert stored(each_library, address)["title"] == "Lost Moon"
    late["digest"] = answer.text.partition('name="digest"')[2].partition('value="')[2][:64]
    assert each_library.post(f"{address}edit", late, "alice").status_code == 303
    assert stored(each_library, address)["title"] == "Apollo Thirteen"


def test_a_form_that_nobody_opened_changes_nothing(library: Library) -> None:
    address = library.add(title="Stages to Saturn")
    answer = library.post(f"{address}edit", {**BOOK, "field_title": "Overwritten"})
    assert answer.status_code == 409
    assert stored(library, address)["title"] == "Stages to Saturn"


def test_a_person_who_left_stays_where_they_stood(library: Library) -> None:
    address = library.add(title="Failure Is Not an Option", lent_to="carol")
    with library.site.arrange():
        db.session.merge(library.people["carol"]).status = "S"
    try:
        assert library.edit(address, lent_to="carol").status_code == 303
        assert stored(library, address)["lent_to"] is not None
        refused = library.post(f"{BOOKS}new", {**BOOK, "field_lent_to": "carol"})
        assert refused.status_code == 422
    finally:
        with library.site.arrange():
            db.session.merge(library.people["carol"]).status = "A"
