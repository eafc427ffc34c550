"""People as a type of the core's: what plugins extend as ``user`` or, in Movable Type's word, ``author``.

And the forms of accounts that plugins may extend by such fields (E-21).
"""

from __future__ import annotations

from portal.accounts.models import User
from portal.pluginengine.formextensions import CoreForm
from portal.pluginengine.objecttypes.values import CoreType

USER = CoreType(name="user", aliases=("author",), model=User)

#: The form on which people make themselves an account.
REGISTRATION = CoreForm(name="registration", core=USER)
#: What people say of themselves among their settings.
PROFILE = CoreForm(name="profile", core=USER)

FORMS = (REGISTRATION, PROFILE)
