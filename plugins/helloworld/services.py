"""Writes: check, change, flush. The request commits; a service never does."""

from sqlalchemy import delete

from portal.pluginapi import Group, Invalid, User, can, db
from portal.pluginapi import gettext as _

from .models import Greeting
from .queries import newest_greeting


def add_greeting(group: Group, author: User, text: str) -> Greeting:
    """Add a greeting; raises ``Invalid`` when it repeats the newest one."""
    newest = newest_greeting(group)
    if newest is not None and (newest.text, newest.user_id) == (text, author.user_id):
        raise Invalid({"text": [_("You have said just that already.")]})
    greeting = Greeting(group_id=group.group_id, user_id=author.user_id, text=text)
    db.session.add(greeting)
    db.session.flush()
    return greeting


def may_delete(greeting: Greeting, user: User) -> bool:
    """Tell whether ``user`` wrote the greeting or may edit all of its group."""
    return greeting.user_id == user.user_id or can("group.helloworld_edit", greeting.group, user)


def delete_greeting(greeting: Greeting) -> None:
    """Delete one greeting."""
    db.session.delete(greeting)
    db.session.flush()


def delete_greetings_of(group: Group) -> int:
    """Delete a group's greetings; returns how many there were."""
    return db.session.execute(delete(Greeting).where(Greeting.group_id == group.group_id)).rowcount
