"""The hooks of seed 004's list that no package fires yet (spec/hooks.md, first table)."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.web.hookparams import GROUP, VIEWER

_GROUP_PAGES = (
    HookSpec(
        name="artifact_extra_detail",
        kind="collect",
        scope="group",
        planned="tracker",
        params={**GROUP, **VIEWER, "artifact": "Artifact", "artifact_id": "int: its key"},
        seed_params=("artifact_id",),
        returns_text="Section",
        where="the page of a tracker item, for every kind of viewer",
        doc="Adds a titled part with what the plugin knows of the item.",
    ),
    HookSpec(
        name="task_extra_detail",
        kind="collect",
        scope="group",
        planned="tasks",
        params={**GROUP, **VIEWER, "task": "Task", "task_id": "int: its key"},
        seed_params=("task_id",),
        returns_text="Section",
        where="the page of a task",
        doc="Adds a titled part with what the plugin knows of the task.",
    ),
    HookSpec(
        name="search_engines",
        kind="collect",
        scope="page",
        planned="search",
        params={"group": "Group or None: where the search box stands", **VIEWER},
        seed_params=(),
        returns_text="SearchEngine",
        where="the search page and the list beside the search box, when it is opened",
        doc="Adds what can be searched. Results are filtered by what the viewer may read.",
    ),
)

_SCM = (
    HookSpec(
        name="groupmenu_scm",
        kind="collect",
        scope="group",
        planned="scm",
        params={**GROUP, **VIEWER, "toptab": "str: key of the tab that the page belongs to"},
        seed_params=("DIRS", "TITLES", "toptab", "selected", "group_id"),
        returns_text="MenuItem",
        where="the group's tab bar, after the tab of the source code",
        doc="Adds tabs beside the one of the source code.",
    ),
    HookSpec(
        name="scm_admin_update",
        kind="check",
        scope="group",
        planned="scm",
        params={
            **GROUP,
            "scmradio": "str or list[str]: handle of the chosen engine, a list when several",
            "form": "Mapping[str, str]: the posted fields named <handle>_<field>",
        },
        seed_params=("group_id", "scmradio"),
        where="the group's source code administration is sent",
        doc="Stores the plugin's own fields; Veto(text, field) undoes the submit.",
    ),
    HookSpec(
        name="scm_admin_page",
        kind="render",
        scope="group",
        planned="scm",
        params={**GROUP, **VIEWER},
        seed_params=("group_id",),
        where="the form of the group's source code administration",
        doc="Adds fields to the form. Name each field <handle>_<field>.",
    ),
    HookSpec(
        name="scm_page",
        kind="render",
        scope="group",
        planned="scm",
        params={**GROUP, **VIEWER},
        seed_params=("group_id",),
        where="the group's source code page",
        doc="Shows how to get at the group's source code.",
    ),
    HookSpec(
        name="scm_plugin",
        kind="collect",
        scope="site",
        planned="scm",
        params={"scm_plugins": "list[str]: handles known so far; a handler gets a copy"},
        seed_params=("scm_plugins",),
        returns_text="str: the handle of an engine",
        where="wherever the engines for source code are listed",
        doc="Names the plugin as one that keeps source code.",
    ),
    HookSpec(
        name="scm_stats",
        kind="render",
        scope="group",
        planned="scm",
        params={**GROUP, **VIEWER},
        seed_params=("group_id",),
        where="the group's summary page, in the line of the source code",
        doc="Adds figures of the group's source code, inline.",
    ),
)

HOOKS = (*_GROUP_PAGES, *_SCM)
