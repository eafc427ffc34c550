"""People as owners of plugin pages: how the engine's router finds the person of an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import select

from portal.accounts.loading import find_user
from portal.accounts.models import User, UserPlugin
from portal.core.database import db
from portal.pluginengine.routing import OwnerKind
from portal.web.current import current


def find_owner(text: str, is_id: bool) -> User | None:
    """Return the active person with that login name, or None; keys are not for addresses."""
    user = None if is_id else find_user(text)
    return user if user is not None and user.is_active else None


def plugin_choices(plugin_id: int) -> Iterator[Mapping[str, object]]:
    """Yield what people chose about a plugin, by login name, for its export."""
    query = select(User.user_name, UserPlugin.used).join_from(UserPlugin, User)
    own = query.where(UserPlugin.plugin_id == plugin_id).order_by(User.user_name)
    for each in db.session.execute(own):
        yield {"user": each.user_name, "used": each.used}


def enter(user: User) -> None:
    """Make this the person whose page the running one is."""
    current.user = user


USER_PAGES = OwnerKind(
    part="user",
    query=None,
    find=find_owner,
    name=lambda user: str(user.user_name),
    enter=enter,
    current=lambda: current.user,
)
