"""Decorators of views: who passes, who is sent to log in, who is refused."""

import pytest
from flask import Flask

from portal.access.guards import requires, requires_login
from portal.core.errors import Forbidden, LoginRequired
from portal.core.unit_of_work import Unit
from portal.web.current import current
from tests.factories import make_group, make_member, make_user


@requires_login
def personal() -> str:
    """A page for anybody who is signed in."""
    return "seen"


@requires("group.administer")
def group_admin() -> str:
    """A page for the administrators of the current group."""
    return "seen"


@requires("system.administer")
def site_admin() -> str:
    """A page for site admins."""
    return "seen"


def test_a_visitor_is_sent_to_log_in(app: Flask, unit: Unit) -> None:
    """Design 8: views authorise first."""
    with app.test_request_context():
        for view in (personal, group_admin, site_admin):
            with pytest.raises(LoginRequired, match="log in"):
                view()


def test_whoever_lacks_the_permission_is_refused(app: Flask, unit: Unit) -> None:
    """An administrator of one group is nobody in the other."""
    alice, apollo, mercury = make_user("alice"), make_group("apollo"), make_group("mercury")
    make_member(apollo, alice, "Admin")
    with app.test_request_context():
        current.viewer, current.group = alice, mercury
        assert personal() == "seen"
        for view in (group_admin, site_admin):
            with pytest.raises(Forbidden):
                view()


def test_whoever_holds_the_permission_passes(app: Flask, unit: Unit) -> None:
    """In the group that the page is about."""
    alice, apollo = make_user("alice"), make_group("apollo")
    make_member(apollo, alice, "Admin")
    with app.test_request_context():
        current.viewer, current.group = alice, apollo
        assert group_admin() == "seen"
        current.viewer = make_user("admin", is_site_admin=True)
        assert group_admin() == "seen"
        assert site_admin() == "seen"


def test_a_guarded_view_keeps_its_name() -> None:
    """Flask names endpoints after views."""
    assert (personal.__name__, site_admin.__doc__) == ("personal", "A page for site admins.")
