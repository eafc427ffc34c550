"""People as a type of the core's: what plugins extend as ``user`` or, in Movable Type's word, ``author``."""

from __future__ import annotations

from portal.accounts.models import User
from portal.pluginengine.objecttypes.values import CoreType

USER = CoreType(name="user", aliases=("author",), model=User)
