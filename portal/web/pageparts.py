"""What plugins add to every page: files, inline CSS and JavaScript, head, banner, the two menus.

The layout asks for all of it before it draws the notices, so that failures here are told, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from portal.pluginengine.engine import current_engine
from portal.web.assets import Asset
from portal.web.current import current
from portal.web.navigation import MenuItem
from portal.web.security import inline_element


@dataclass(frozen=True, kw_only=True)
class PageParts:
    """What plugins give to one page.

    ``sheets`` and ``files`` are assets to load, each address once; ``style`` is the inline style
    element, ``scripts`` are the inline script elements; ``head`` and ``message`` are markup. All of
    it is empty where no plugin answers.
    """

    sheets: tuple[Asset, ...]
    files: tuple[Asset, ...]
    style: Markup
    scripts: tuple[Markup, ...]
    head: Markup
    message: Markup


def page_parts() -> PageParts:
    """Ask the plugins of this page's scope; call it once a page.

    A style sheet stands in the head and a script at the end, whichever of the two hooks gave it.
    """
    hooks, about = current_engine().hooks, _about_the_page()
    assets = _each_once(
        (*hooks.collect("cssfile", **about), *hooks.collect("javascript_file", **about))
    )
    css = "\n".join(hooks.collect("cssstyle", **about))
    scripts = hooks.collect("javascript", **about)
    return PageParts(
        sheets=tuple(asset for asset in assets if asset.kind == "css"),
        files=tuple(asset for asset in assets if asset.kind != "css"),
        style=inline_element("style", css) if css else Markup(),
        scripts=tuple(inline_element("script", _block(script)) for script in scripts),
        head=something(hooks.render("htmlhead", **about)),
        message=something(hooks.render("message", **about)),
    )


def something(html: Markup) -> Markup:
    """Return the markup; an empty one for blanks alone, so that nothing is drawn around them."""
    return html if html.strip() else Markup()


def _about_the_page() -> dict[str, Any]:
    group, user = current.group, current.user
    return {
        "viewer": current.viewer,
        "group": group,
        "group_id": group and group.group_id,
        "user": user,
        "user_id": user and user.user_id,
    }


def _each_once(assets: Iterable[Asset]) -> Iterable[Asset]:
    found: dict[str, Asset] = {}
    for asset in assets:
        found.setdefault(asset.url, asset)
    return found.values()


def _block(script: str) -> str:
    """Keep what one text declares (let, const, class) from the next one."""
    return f"{{\n{script}\n}}"


def site_menu() -> tuple[MenuItem, ...]:
    """Return the site menu: the core's entries and the plugins'. Fires outermenu: once a page."""
    return current_engine().hooks.collect("outermenu")


def top_bar() -> tuple[MenuItem, ...]:
    """Return the plugins' entries of the top bar. Fires headermenu: once a page."""
    return current_engine().hooks.collect("headermenu")
