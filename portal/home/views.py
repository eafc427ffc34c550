"""The front page, My page and the profile: pages on people that know of groups."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _

from portal.access.guards import requires_login
from portal.accounts.loading import find_user
from portal.accounts.menu import MY_PAGE
from portal.config import current_settings
from portal.core.errors import NotFound
from portal.groups.approvers import may_approve
from portal.groups.queries import count_pending, groups_of, newest_public_groups, pending_of
from portal.home.queries import asked_groups, groups_shown_to, requests_to_answer
from portal.pluginengine.engine import current_engine
from portal.web.current import current

bp = Blueprint("home", __name__)

NEWEST_GROUPS = 6


@bp.get("/")
def index() -> str:
    """The front page: what this is, the viewer's groups, and the newest public ones.

    Where the site demands a log-in, visitors read nothing of its groups.
    """
    shows_groups = current.viewer is not None or not current_settings().login_required
    return render_template(
        "home/index.html",
        newest_groups=newest_public_groups(NEWEST_GROUPS) if shows_groups else None,
        my_groups=groups_of(current.viewer) if current.viewer else [],
    )


@bp.get("/my/")
@requires_login
def show_my_page() -> str:
    """My page: the viewer's groups and roles, those that wait, and what waits for the viewer."""
    current.user = current.viewer
    my_groups = groups_of(current.viewer)
    return render_template(
        "home/my_page.html",
        my_groups=my_groups,
        waiting_groups=pending_of(current.viewer),
        to_approve=count_pending() if may_approve(current.viewer) else 0,
        asked_groups=asked_groups(current.viewer),
        requests_to_answer=requests_to_answer(my_groups),
        active_tab=MY_PAGE,
        active_menu=MY_PAGE,
    )


@bp.get("/users/<user_name>/")
def show_profile(user_name: str) -> str:
    """A person's profile; NotFound unless there is an active account of that name."""
    person = find_user(user_name)
    if person is None or not person.is_active:
        raise NotFound(
            _("There is no such person here."), _("Check the spelling of the login name.")
        )
    current.user = person
    return render_template(
        "home/profile.html",
        page_user=person,
        groups=groups_shown_to(current.viewer, person),
        links=current_engine().hooks.collect("user_personal_links", user=person),
    )
