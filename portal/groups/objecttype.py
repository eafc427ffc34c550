"""Groups as a type of the core's: what plugins extend as ``group`` or, in Movable Type's word, ``blog``."""

from __future__ import annotations

from portal.groups.models import Group
from portal.pluginengine.objecttypes.values import CoreType

GROUP = CoreType(name="group", aliases=("blog",), model=Group)
