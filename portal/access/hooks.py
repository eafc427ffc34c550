"""The hooks of membership: who came to a group, who left it (spec/hooks.md, second table)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.web.hookparams import GROUP, USER


def _told(name: str, where: str, roles: str, doc: str) -> HookSpec:
    return HookSpec(
        name=name,
        kind="notify",
        scope="site",
        params={
            **GROUP,
            **USER,
            "roles": f"tuple[str, ...]: names of the roles {roles}, in alphabetical order",
            "membership": "MembershipSnapshot: group, person and roles as they were, frozen",
        },
        where=f"after the commit in which {where}, by whatever way",
        fired_in="portal.access.events",
        page="groups.edit_members",
        doc=doc,
    )


HOOKS = (
    _told(
        "group_adduser",
        "a person became a member of a group",
        "that the person came with",
        "Tells that somebody belongs to a group from now on. Not fired for a further role of a member.",
    ),
    _told(
        "group_removeuser",
        "a person ceased to be a member of a group",
        "that the person had",
        (
            "Tells that somebody belongs to a group no longer: removed, gone by themselves, or the "
            "account deleted; then `user` has lost its personal data, and `membership` holds it as it "
            "was. Not fired when a member loses one role of several."
        ),
    ),
)
