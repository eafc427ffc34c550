"""The list of a group's members, page by page."""

import pytest

from portal.access.lists import GROUP_ID, MEMBER_LIST, listed_members, of_group
from portal.access.models import MemberPermission
from portal.access.permissions import GROUP_ADMINISTER
from portal.access.services import add_member
from portal.core.database import db
from portal.web.lists.keyset import Bound, Order, Window, read_window
from tests.factories import make_group, make_user

pytestmark = pytest.mark.usefixtures("unit")
BY_NAME = MEMBER_LIST.columns[0].sort


def page(group_id: int, size: int, bound: Bound, *, descending: bool = False) -> Window:
    """Return a page of the group's members in the list's own order."""
    assert BY_NAME is not None
    order = Order(sort=BY_NAME, key=MEMBER_LIST.key, descending=descending)
    return read_window(listed_members(), order, bound, size, of_group(group_id))


@pytest.mark.parametrize("size", [1, 2, 3, 9])
@pytest.mark.parametrize(
    ("descending", "names"),
    [(False, ["yan", "zed", "zoe", "abe", "ben"]), (True, ["zoe", "zed", "yan", "ben", "abe"])],
)
def test_administrators_come_first_and_each_person_once(
    size: int, descending: bool, names: list[str]
) -> None:
    """Forge 4.7: admins first; design 8: by key. Somebody granted the permission directly is one, too."""
    group, other = make_group("apollo"), make_group("mercury")
    people = {name: make_user(name) for name in ("zoe", "abe", "yan", "ben", "zed", "out")}
    for name, role in (
        ("zoe", "Admin"),
        ("abe", "Reader"),
        ("yan", "Admin"),
        ("ben", "Reader"),
        ("zed", "Reader"),
    ):
        add_member(group, people[name], role)
    add_member(group, people["zoe"], "Reader")
    add_member(other, people["out"], "Admin")
    add_member(other, people["ben"], "Admin")
    make_direct_admin(group.group_id, people["zed"].user_id)
    seen: list[str] = []
    bound: Bound | None = Bound()
    while bound is not None:
        window = page(group.group_id, size, bound, descending=descending)
        seen += [found.item.User.user_name for found in window.rows]
        bound = Bound(after=window.rows[-1].place) if window.has_next else None
    assert seen == names


def make_direct_admin(group_id: int, user_id: int) -> None:
    """Let a member administer the group without a role."""
    db.session.add(
        MemberPermission(group_id=group_id, user_id=user_id, permission=GROUP_ADMINISTER)
    )
    db.session.flush()


def test_people_without_an_active_account_are_not_listed() -> None:
    """Forge 4.5."""
    group = make_group("apollo")
    add_member(group, make_user("bob"), "Reader")
    sam = make_user("sam")
    add_member(group, sam, "Reader")
    sam.status = "S"
    db.session.flush()
    found = page(group.group_id, 9, Bound())
    assert [each.item.User.user_name for each in found.rows] == ["bob"]
    assert found.rows[0].item.group_id == group.group_id
    assert GROUP_ID.key in of_group(group.group_id)
