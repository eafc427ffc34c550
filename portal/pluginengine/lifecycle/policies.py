"""What the site says about who may use a plugin: forced, default_on, allowed or forbidden (design 6)."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.pluginengine.actions import PLUGIN_POLICY
from portal.pluginengine.errors import Refused
from portal.pluginengine.lifecycle.finding import known, note
from portal.pluginengine.lifecycle.running import Outcome, Work, run
from portal.pluginengine.models import POLICIES


def set_policy(
    code: str, *, group: str | None = None, user: str | None = None, dry_run: bool = False
) -> Outcome:
    """Set the policy of a plugin for groups and for people; None leaves one as it is.

    What groups and people chose is kept, and counts again when the policy lets it. Raises ``Refused``
    for a plugin that the site does not know and for a word that is no policy.
    """
    for word in (group, user):
        if word is not None and word not in POLICIES:
            raise Refused(
                _("There is no policy %(word)s.", word=repr(word)),
                _("The policies are: %(words)s.", words=", ".join(POLICIES)),
            )

    def step(work: Work) -> str:
        row = known(code)
        old = {"group": row.group_policy, "user": row.user_policy}
        new = {"group": group or row.group_policy, "user": user or row.user_policy}
        if new == old:
            return ""
        row.group_policy, row.user_policy = new["group"], new["user"]
        note(PLUGIN_POLICY, row, old=old, new=new)
        return _("The policy of plugin %(name)s was changed.", name=row.name)

    unchanged = _("Plugin %(code)s has this policy already.", code=code)
    return run("policy", code, step, unchanged, dry_run=dry_run)
