"""Groups as a type of the core's: what plugins extend as ``group`` or, in Movable Type's word, ``blog``.

And the forms of groups that plugins may extend by such fields (E-21).
"""

from __future__ import annotations

from portal.groups.models import Group
from portal.pluginengine.formextensions import CoreForm
from portal.pluginengine.objecttypes.values import CoreType

GROUP = CoreType(name="group", aliases=("blog",), model=Group)

#: The form on which people register a group.
REGISTRATION = CoreForm(name="group_registration", core=GROUP)
#: What a group's administrators say of it.
INFORMATION = CoreForm(name="group_information", core=GROUP)

FORMS = (REGISTRATION, INFORMATION)
