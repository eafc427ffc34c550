"""The plugin's pages, below /plugins/helloworld/: load, authorise, act, answer.

``<group>`` and ``<user>`` never reach a view: the portal finds the owner as the viewer sees it, answers
404 when it does not use the plugin, and makes it ``current.group`` or ``current.user``.
"""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.pluginapi import (
    Forbidden,
    Group,
    Invalid,
    NotFound,
    can,
    current,
    find_group,
    is_member,
    page_of,
    render_page,
    requires,
    requires_login,
)
from portal.pluginapi import gettext as _

from .forms import GreetingForm
from .models import Greeting
from .queries import count_greetings, find_greeting, greeted_groups, greetings_by, greetings_in
from .services import add_greeting, delete_greeting, delete_greetings_of, may_delete

PER_PAGE = 20

bp = Blueprint("helloworld", __name__)


@bp.get("/g/<group>/")
def list_greetings() -> ResponseReturnValue:
    """The group's greetings, the newest first, and a form for its members."""
    return _group_page(GreetingForm())


@bp.post("/g/<group>/")
@requires_login
def new_greeting() -> ResponseReturnValue:
    """Add a greeting."""
    if not is_member(current.group):
        raise Forbidden(_("Only members of the group may greet it."))
    form = GreetingForm()
    if form.validate_on_submit():
        try:
            add_greeting(current.group, current.viewer, form.text.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            flash(_("Your greeting is there for everybody in the group to see."), "success")
            return redirect(url_for(".list_greetings"), 303)
    return _group_page(form)


@bp.post("/g/<group>/<int:greeting_id>/delete")
@requires_login
def remove_greeting(greeting_id: int) -> ResponseReturnValue:
    """Delete a greeting of this group: its author may, and who may edit greetings."""
    greeting = find_greeting(current.group, greeting_id)
    if greeting is None:
        raise NotFound(_("There is no such greeting in this group."))
    if not may_delete(greeting, current.viewer):
        raise Forbidden(_("You may delete your own greetings only."))
    delete_greeting(greeting)
    flash(_("The greeting was deleted."), "success")
    return redirect(url_for(".list_greetings"), 303)


@bp.get("/u/<user>/")
def list_of_person() -> ResponseReturnValue:
    """What a person wrote, as far as the viewer may see it."""
    page = page_of(greetings_by(current.user), Greeting.greeting_id, PER_PAGE, newest_first=True)
    return render_page("person.html", page=page, person=current.user)


@bp.get("/admin/")
@requires("system.administer")
def list_groups() -> ResponseReturnValue:
    """All groups with greetings, for site admins."""
    page = page_of(greeted_groups(), Group.name, PER_PAGE)
    return render_page("admin.html", page=page, counts=count_greetings(page.items))


@bp.post("/admin/<name>/delete")
@requires("system.administer")
def clear_group(name: str) -> ResponseReturnValue:
    """Delete all greetings of a group, whether it uses the plugin or not."""
    group = find_group(name)
    if group is None:
        raise NotFound(_("There is no such group."))
    count = delete_greetings_of(group)
    flash(_("%(count)s greetings of %(group)s deleted.", count=count, group=group.full_name))
    return redirect(url_for(".list_groups"), 303)


def _group_page(form: GreetingForm) -> ResponseReturnValue:
    group = current.group
    page = page_of(greetings_in(group), Greeting.greeting_id, PER_PAGE, newest_first=True)
    shown = {"may_greet": is_member(group), "may_edit": can("group.helloworld_edit", group)}
    shown["greeting"] = current.plugin.setting("greeting", group=group)
    return render_page("group.html", page=page, form=form, **shown), 422 if form.errors else 200
