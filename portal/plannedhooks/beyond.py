"""The hooks beyond seed 004's list that no package fires yet (spec/hooks.md, second table)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookScope, HookSpec
from portal.web.hookparams import GROUP, USER, VIEWER

_SNAPSHOT = "a frozen copy of the row as it was"


def _life_cycle(name: str, doc: str, **more: str) -> HookSpec:
    """A notify hook of the life cycle of users and groups: after the commit, never a password."""
    noun = name.partition("_")[0]
    about = USER if noun == "user" else GROUP
    return HookSpec(
        name=name,
        kind="notify",
        scope="site",
        planned="members",
        params={**about, "before": f"{noun.capitalize()}Snapshot or None: {_SNAPSHOT}", **more},
        where=f"after the commit of {name.replace('_', ' ')}",
        doc=doc,
    )


def _before(name: str, where: str, doc: str) -> HookSpec:
    """The check half of a life cycle hook."""
    about = USER if name.startswith("user") else GROUP
    values = {"values": "Mapping[str, object]: the values to be stored, never a password"}
    return HookSpec(
        name=name,
        kind="check",
        scope="site",
        planned="members",
        params={**about, **values},
        where=where,
        doc=doc,
    )


def _items(
    name: str, scope: HookScope, planned: str, returns_text: str, where: str, doc: str
) -> HookSpec:
    params = {"group": GROUP, "user": USER}.get(scope, {})
    return HookSpec(
        name=name,
        kind="collect",
        scope=scope,
        planned=planned,
        params={**params, **VIEWER},
        returns_text=returns_text,
        where=where,
        doc=doc,
    )


def _markup(name: str, scope: HookScope, planned: str, where: str, doc: str) -> HookSpec:
    params = {"group": GROUP, "user": USER}.get(scope, {})
    return HookSpec(
        name=name,
        kind="render",
        scope=scope,
        planned=planned,
        params={**params, **VIEWER},
        where=where,
        doc=doc,
    )


_GROUP_PAGES = (
    _items(
        "widgets",
        "page",
        "widgets",
        "WidgetSpec",
        "pages that people arrange from boxes",
        "Offers boxes for My page and for group pages.",
    ),
    HookSpec(
        name="clone_project_from_template",
        kind="notify",
        scope="group",
        now=True,
        planned="members",
        params={
            **GROUP,
            "template": "Group: the one that is copied",
            "id_mappings": "dict[str, dict[int, int]]: old keys to new ones, by kind",
        },
        where="inside the approval of a group made from a template",
        doc="Copies what the plugin keeps for the template group to the new one.",
    ),
)

_ACCOUNTS = (
    HookSpec(
        name="captcha_form",
        kind="render",
        scope="site",
        planned="members",
        params={"form": "str: the form's name, register or login"},
        where="registration, and log-in after failures",
        doc="Adds a question that a person can answer.",
    ),
    HookSpec(
        name="captcha_check",
        kind="check",
        scope="site",
        planned="members",
        params={
            "form": "str: the form's name, register or login",
            "fields": "Mapping[str, str]: the posted fields named <handle>_<field>",
        },
        where="registration, and log-in after failures, is sent",
        doc="Judges the answer to captcha_form; Veto sends the form back.",
    ),
)

_LIFE_CYCLE = ()

_TOOLS = (
    _items(
        "activity",
        "page",
        "activity",
        "ActivityItem",
        "the activity stream of a group or a person",
        "Adds what happened in the plugin. Show nothing that the viewer may not read.",
    ),
    _items(
        "admin_tracker_add_actions",
        "group",
        "tracker",
        "AdminAction",
        "the administration of a tracker",
        "Adds an action with a page of its own.",
    ),
    _markup(
        "scm_browser_page",
        "group",
        "scm",
        "the browser of a repository",
        "Shows the repository's content.",
    ),
)

HOOKS = (*_GROUP_PAGES, *_ACCOUNTS, *_LIFE_CYCLE, *_TOOLS)
