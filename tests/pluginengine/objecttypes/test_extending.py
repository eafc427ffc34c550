"""Fields that plugins add to groups and people: stored beside, used like their own (M-20 to M-25)."""

import pytest
from sqlalchemy import event, inspect, select

from portal.accounts.models import User
from portal.core.database import db
from portal.groups.models import Group
from tests.factories import make_group, make_user

#: The seed's example on people, and fields of groups of every way in which they are asked for.
FIELDS = {
    "author": {"rating": "integer"},
    "group": {
        "budget": {"type": "integer not null default 100", "label": "Budget", "max": "1000"},
        "motto": "string(80)",
        "colour": {"type": "string(10)", "choices": ["red", "blue"]},
        "is_green": "boolean",
        "ratio": "double noindex",
        "started_at": "datetime",
    },
}


@pytest.fixture
def extended(site, make_plugin):
    """A site on which the plugin "probe" extends groups and people."""
    config = {"schema_version": "1", "object_types": FIELDS, "scope": ["site"]}
    make_plugin("probe", config=config)
    site.operate("install", "probe")
    return site


def put_groups(site, **budgets) -> None:
    """Make groups with these budgets; None leaves a group without one."""
    with site.arrange():
        for name, budget in budgets.items():
            group = make_group(name)
            if budget is not None:
                group.budget = budget


def listed(client, **query) -> list[str]:
    """Return the names of the groups in a list, as CSV gives them."""
    text = client.get("/groups/", query_string={**query, "format": "csv"}).get_data(as_text=True)
    header, *lines = text.lstrip("\ufeff").splitlines()
    place = header.split(",").index("name")
    return [line.split(",")[place] for line in lines if line]


def test_values_lie_in_a_side_table_that_goes_with_the_core_row(extended) -> None:
    """M-20, M-21, M-24: the core's table is as it was."""
    with extended.arrange():
        alice = make_user("alice")
        assert alice.rating is None
        alice.rating = 5
        assert alice.rating == 5
        alice.rating = 4
        key = alice.user_id
    assert extended.rows("plugin_probe_x_user") == [(key, 4)]
    inspector = inspect(db.engine_for(extended.settings.database_url))
    assert "rating" not in {each["name"] for each in inspector.get_columns("users")}
    assert [each["column_names"] for each in inspector.get_indexes("plugin_probe_x_user")] == [
        ["rating", "object_id"]
    ]
    with extended.arrange():
        assert db.session.scalars(select(User.user_name).where(User.rating > 3)).all() == ["alice"]
        db.session.delete(db.session.get(User, key))
    assert extended.rows("plugin_probe_x_user") == []


def test_lists_are_sorted_and_filtered_by_a_field_like_by_their_own(extended) -> None:
    """M-22, M-23: rows without a value come last, both ways; a default counts in filters."""
    put_groups(extended, a=300, b=None, c=200, d=500)
    client = extended.client()
    assert listed(client, sort="budget") == ["c", "a", "d", "b"]
    assert listed(client, sort="budget", dir="desc") == ["d", "a", "c", "b"]
    assert listed(client, **{"f.budget.ge": "250"}) == ["a", "d"]
    assert listed(client, **{"f.budget.le": "250"}) == ["b", "c"]
    assert listed(client, **{"f.budget.eq": "100"}) == ["b"]
    page = client.get("/groups/?sort=budget").get_data(as_text=True)
    assert '<p class="row-note">Budget: 500</p>' in page
    assert client.get("/groups/?f.budget.ge=x").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_kind_of_field_has_its_operators(extended) -> None:
    with extended.arrange():
        group = make_group("apollo")
        group.motto, group.colour, group.is_green, group.ratio = "To the Moon", "red", True, 0.5
        make_group("mercury")
    client = extended.client()
    for query in (
        {"f.motto.contains": "moon"},
        {"f.motto.not_empty": "1"},
        {"f.colour.eq": "red"},
        {"f.is_green.eq": "1"},
        {"f.ratio.lt": "0.75"},
    ):
        assert listed(client, **query) == ["apollo"], query
    assert listed(client, **{"f.motto.empty": "1"}) == ["mercury"]
    assert listed(client, sort="motto", dir="desc") == ["apollo", "mercury"]
    page = client.get("/groups/?sort=ratio").get_data(as_text=True)
    assert "cannot be sorted by" in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_costs_one_query_more_however_many_fields(extended, site, count_selects) -> None:
    """3.3.3."""
    put_groups(extended, **{f"g{number:02}": number for number in range(1, 30)})
    client = extended.client()
    client.get("/groups/")
    with count_selects() as with_fields:
        client.get("/groups/")
    extended.operate("disable", "probe")
    client = extended.client()
    client.get("/groups/")
    with count_selects() as without:
        client.get("/groups/")
    assert len(with_fields) == len(without) + 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_of_a_group_and_of_a_person_tells_them(extended) -> None:
    """M-21."""
    with extended.arrange():
        make_group("apollo").motto = "To the <Moon>"
        make_user("alice").rating = 5
    client = extended.client()
    page = client.get("/groups/apollo/").get_data(as_text=True)
    assert "<dt>Motto</dt><dd>To the &lt;Moon&gt;</dd>" in page
    assert "<dt>Budget</dt><dd>100</dd>" in page
    assert "<dt>Rating</dt><dd>5</dd>" in client.get("/users/alice/").get_data(as_text=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_disabled_plugin_has_no_field_while_a_generation_in_flight_keeps_it(extended) -> None:
    """B6: the attribute asks the running generation; the values stay for when it comes back."""
    put_groups(extended, apollo=7)
    before = extended.app
    extended.operate("disable", "probe")
    with extended.arrange("read"):
        group = db.session.scalars(select(Group)).one()
        assert not hasattr(group, "budget")
        with pytest.raises(AttributeError, match="Group has no attribute 'budget'"):
            select(Group.budget)
    assert "Budget" not in extended.client().get("/groups/").get_data(as_text=True)
    assert b"Budget" in before.test_client().get("/groups/").data
    extended.operate("enable", "probe")
    with extended.arrange("read"):
        assert db.session.scalars(select(Group)).one().budget == 7


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("budget", 1001, "At most 1000"),
        ("budget", None, "may not be empty"),
        ("budget", "many", "whole number"),
        ("budget", 2**40, "whole number"),
        ("motto", "x" * 81, "At most 80 characters"),
        ("colour", "green", "One of red, blue"),
        ("is_green", 1, "kind boolean"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_value_that_does_not_fit_is_refused(extended, name, value, fault) -> None:
    with extended.arrange():
        group = make_group("apollo")
        with pytest.raises(ValueError, match=fault):
            setattr(group, name, value)


@pytest.mark.parametrize(
    ("types", "fault"),
    [
        ({"group": {"full_name": "string"}}, "the portal has a field of that name already"),
        ({"group": {"uses_plugin": "string"}}, "the portal has a field of that name already"),
        ({"user": {"a": "integer references groups"}}, "cannot be a key, nor refer to one"),
        ({"user": {"a": "text"}, "author": {"b": "text"}}, "author is declared twice"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_a_field_is_told_at_load(site, make_plugin, types, fault) -> None:
    """3.3.3: Movable Type ignores it silently; the portal does not."""
    make_plugin("probe", config={"object_types": types})
    site.force("probe")
    assert fault in site.engine.problems["probe"].cause


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_second_plugin_with_a_field_of_the_same_name_does_not_run(site, make_plugin) -> None:
    """3.3.3: the earlier one has it."""
    for code in ("one", "two"):
        make_plugin(code, config={"object_types": {"group": {"colour": "string"}}})
        site.force(code)
    assert set(site.engine.plugins) == {"one"}
    assert (
        "group.colour exists already: the plugin one adds it" in site.engine.problems["two"].cause
    )


EDITED = {
    "group": {
        "stars": {"type": "integer", "edit": True, "min": "0", "max": "5"},
        "colour": {"type": "string(10) not null default 'red'", "edit": True, "choices": ["red", "blue"]},
        "is_green": {"type": "boolean", "edit": True},
        "secret": "string",
    },
    "user": {"nickname": {"type": "string(20)", "edit": True}},
}  # fmt: skip
INFORMATION = {"full_name": "Apollo Guidance", "description": "What apollo is about, in short"}


@pytest.fixture
def edited(site, make_plugin):
    """A site with fields that are edited, and a group's administrator."""
    make_plugin("probe", config={"object_types": EDITED, "scope": ["site"]})
    site.operate("install", "probe")
    with site.arrange():
        site.admin = make_user("alice", is_site_admin=True)
        make_group("apollo")
    return site


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_group_is_edited_with_its_fields_and_its_history_tells(edited) -> None:
    """3.3.3: an input for each field with edit: true."""
    client = edited.client(edited.admin)
    page = client.get("/groups/apollo/admin/").get_data(as_text=True)
    assert 'name="field_stars"' in page
    assert 'name="field_secret"' not in page
    assert '<option selected value="red">' in page
    sent = {**INFORMATION, "field_stars": "4", "field_colour": "blue", "field_is_green": "y"}
    assert client.post("/groups/apollo/admin/", data=sent).status_code == 303
    with edited.arrange("read"):
        group = db.session.scalars(select(Group)).one()
        assert (group.stars, group.colour, group.is_green) == (4, "blue", True)
    assert any("Stars: 4" in str(row) for row in edited.rows("audit_log"))
    sent |= {"field_stars": ""}
    assert client.post("/groups/apollo/admin/", data=sent).status_code == 303
    with edited.arrange("read"):
        assert db.session.scalars(select(Group)).one().stars is None


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"field_stars": "6"}, "At most 5"),
        ({"field_stars": "many"}, "A number belongs here"),
        ({"field_stars": "1.5"}, "A number belongs here"),
        ({"field_colour": "green"}, "Not a valid choice"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_changes(edited, sent, fault) -> None:
    before = edited.rows("groups")
    answer = edited.client(edited.admin).post(
        "/groups/apollo/admin/", data={**INFORMATION, "field_colour": "red", **sent}
    )
    assert answer.status_code == 422
    assert fault in answer.get_data(as_text=True)
    assert edited.rows("groups") == before
    assert edited.rows("plugin_probe_x_group") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_people_edit_their_fields_among_their_settings(edited) -> None:
    client = edited.client(edited.admin)
    assert 'name="field_nickname"' in client.get("/my/settings").get_data(as_text=True)
    sent = {
        **{"real_name": "Alice", "timezone": "", "language": "", "theme": "dark"},
        **{"page_size": "50", "field_nickname": "Al"},
    }
    assert client.post("/my/settings", data=sent).status_code == 303
    with edited.arrange("read"):
        assert db.session.scalars(select(User)).one().nickname == "Al"


def test_the_index_of_a_field_gives_a_list_its_order(extended) -> None:
    """B5: no sorting of rows, on either database."""
    seen: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, context, many):
        if "ORDER BY plugin_probe_x_group.budget" in statement:
            seen.append((statement, parameters))

    engine = db.engine_for(extended.settings.database_url)
    event.listen(engine, "before_cursor_execute", note)
    extended.client().get("/groups/?sort=budget")
    event.remove(engine, "before_cursor_execute", note)
    (statement, parameters), *_more = seen
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        else:
            connection.exec_driver_sql(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"
            )
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        text = "\n".join(map(str, plan))
    assert "plugin_probe_x_group_budget_ix" in text
    assert "TEMP B-TREE" not in text
    assert "Sort" not in text
