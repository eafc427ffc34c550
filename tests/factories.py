"""Rows for tests, made in the running unit of work: ``with arrange(): alice = make_user("alice")``.

They take the short way (no rule is checked) and flush; names are the only thing a test must give.
"""

from typing import Any

from flask.testing import FlaskClient

from portal.access.permissions import SYSTEM_ADMINISTER
from portal.access.roles import create_stock_roles
from portal.access.services import add_member
from portal.access.sitegrants import grant_system
from portal.access.stockroles import DEVELOPER
from portal.accounts import models as accounts
from portal.accounts.models import User
from portal.accounts.passwords import current_passwords
from portal.accounts.sessions import TOKEN
from portal.accounts.sessionstore import Visit, open_session
from portal.core.database import db
from portal.core.unit_of_work import find_unit, unit_of_work
from portal.groups import models as groups
from portal.groups.models import Group


def make_user(
    user_name: str, *, password: str = "", is_site_admin: bool = False, **fields: Any
) -> User:
    """Add a person with an active account; without a password nobody can log in with it."""
    email = f"{user_name}@example.org"
    fields.setdefault("status", accounts.ACTIVE)
    fields.setdefault("real_name", user_name.capitalize())
    hashed = current_passwords().hash(password) if password else ""
    user = User(user_name=user_name, email=email, email_ci=email, password_hash=hashed, **fields)
    db.session.add(user)
    db.session.flush()
    if is_site_admin:
        grant_system(user, SYSTEM_ADMINISTER)
    return user


def make_group(name: str, **fields: Any) -> Group:
    """Add a public, active group with its stock roles and no member."""
    fields.setdefault("status", groups.ACTIVE)
    fields.setdefault("full_name", name.capitalize())
    fields.setdefault("description", f"What {name} is about")
    group = Group(name=name, full_name_ci=fields["full_name"].casefold(), **fields)
    db.session.add(group)
    db.session.flush()
    create_stock_roles(group)
    return group


def make_member(group: Group, user: User, role: str = DEVELOPER) -> User:
    """Give the person a role of the group (Admin, Developer or Reader); returns the person."""
    add_member(group, user, role)
    return user


def sign_in(client: FlaskClient, user: User) -> FlaskClient:
    """Let the client's next requests come from the person, in a session of its own; returns the client."""
    unit = find_unit()
    if unit is not None and unit.mode == "write":
        token = open_session(user, Visit(user_agent="tests"))
    else:
        with client.application.app_context(), unit_of_work():
            token = open_session(user, Visit(user_agent="tests"))
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = user.get_id()
        session["_fresh"] = True
        session[TOKEN] = token
    return client
