"""The pages that the examples link to."""

from flask import Blueprint

from portal.pluginapi import render_page, requires

bp = Blueprint("everyhook", __name__)


@bp.get("/")
def index():
    """A page of the site."""
    return render_page("page.html")


@bp.get("/sign-on")
def sign_on():
    """Where somebody logs in who comes from the log-in page."""
    return render_page("page.html")


@bp.get("/g/<group>/")
def of_group():
    """A page of a group."""
    return render_page("page.html")


@bp.get("/g/<group>/setup")
@requires("group.administer")
def group_setup():
    """A page for who administers the group."""
    return render_page("page.html")


@bp.get("/u/<user>/")
def of_person():
    """A page of a person."""
    return render_page("page.html")


@bp.get("/admin/")
@requires("system.administer")
def site_setup():
    """A page for who administers the site."""
    return render_page("page.html")
