"""The hooks that every page offers (seed 004, spec/hooks.md), and the one of plugins' settings."""

from __future__ import annotations

from portal.pluginengine.hooks import HookSpec
from portal.web.assets import Asset
from portal.web.headmarkup import read_head
from portal.web.hookparams import VIEWER
from portal.web.inline import read_css, read_javascript
from portal.web.navigation import MenuItem
from portal.web.seedforms import read_style_link

PAGE = {
    **VIEWER,
    "group": "Group or None: whose page it is",
    "group_id": "int or None: that group's key",
    "user": "User or None: whose page it is",
    "user_id": "int or None: that user's key",
}
FIRED_IN = "portal.web.pageparts"
SCOPE = (
    "A page of a group asks the plugins that the group uses, a page of a user those of the user, "
    "any other page those of the site."
)

_FILES = (
    HookSpec(
        name="cssfile",
        kind="collect",
        scope="page",
        params=PAGE,
        seed_params=(),
        seed_form=read_style_link,
        returns=Asset,
        where="the head of every page, after the core's style sheets",
        fired_in=FIRED_IN,
        page="home.index",
        doc=f"Adds style sheets to the page. {SCOPE} The same address is loaded once.",
    ),
    HookSpec(
        name="javascript_file",
        kind="collect",
        scope="page",
        params=PAGE,
        returns=Asset,
        where="the end of every page's body, before the inline scripts",
        fired_in=FIRED_IN,
        page="home.index",
        doc=f"Adds script files to the page. {SCOPE} The same address is loaded once.",
    ),
)

_INLINE = (
    HookSpec(
        name="cssstyle",
        kind="collect",
        scope="page",
        params=PAGE,
        seed_params=(),
        seed_form=read_css,
        returns=str,
        returns_text="str: pure CSS without a style element",
        where="the head of every page, in one style element after all style sheets",
        fired_in=FIRED_IN,
        page="home.index",
        doc=(
            f"Adds a few CSS rules to the page; prefer a file by cssfile. {SCOPE} Whatever the text "
            "opens it must close, or it is left out."
        ),
    ),
    HookSpec(
        name="javascript",
        kind="collect",
        scope="page",
        params=PAGE,
        seed_params=(),
        seed_form=read_javascript,
        returns=str,
        returns_text="str: pure JavaScript without a script element",
        where="the end of every page's body, each text in a script element of its own",
        fired_in=FIRED_IN,
        page="home.index",
        doc=(
            f"Adds a few lines of script to the page; prefer a file by javascript_file. {SCOPE} The "
            "text stands in a block: what let, const and class declare is seen by itself only."
        ),
    ),
)

_MARKUP = (
    HookSpec(
        name="htmlhead",
        kind="render",
        scope="page",
        params=PAGE,
        seed_form=read_head,
        where="the head of every page, at its end",
        fired_in=FIRED_IN,
        page="home.index",
        doc=f"Adds meta, link and script elements (with src, or JSON) to the head. {SCOPE}",
    ),
    HookSpec(
        name="message",
        kind="render",
        scope="page",
        params=PAGE,
        where="the top of every page, between the top bar and the content",
        fired_in=FIRED_IN,
        page="home.index",
        doc=f"Adds a banner, for what everybody on these pages should read. {SCOPE}",
    ),
)

_MENUS = (
    HookSpec(
        name="outermenu",
        kind="collect",
        scope="site",
        params=VIEWER,
        returns=MenuItem,
        where="the site menu of every page, after the core's entries (groups, my)",
        fired_in=FIRED_IN,
        page="home.index",
        doc=(
            "Adds entries to the site menu. A MenuItem may name the key of the entry it stands after; "
            "the entry whose key the page sets as active_menu is marked."
        ),
    ),
    HookSpec(
        name="headermenu",
        kind="collect",
        scope="site",
        params=VIEWER,
        returns=MenuItem,
        where="the top bar of every page, before the viewer's own menu",
        fired_in=FIRED_IN,
        page="home.index",
        doc="Adds links to the top bar. The one whose key the page sets as active_menu is marked.",
    ),
)

_SETTINGS = (
    HookSpec(
        name="plugin_settings_save",
        kind="check",
        scope="site",
        params={
            "plugin": "str: handle of the plugin whose settings they are",
            "group": "Group or None: whose settings they are",
            "user": "User or None: whose settings they are",
            "settings": "Mapping[str, object]: the values that change, as they will be in force; no secrets",
        },
        where="before settings of a plugin are stored, for the site, a group or a user",
        fired_in="portal.pluginengine.settings.writing",
        doc="Judges settings together; Veto(text, field) shows the text at the setting.",
    ),
)

HOOKS = (*_FILES, *_INLINE, *_MARKUP, *_MENUS, *_SETTINGS)
