"""What a site admin's pages tell of plugins: which are hidden from this browser, which took part, how long.

Nobody else is told, and nobody else's view changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from flask import Flask, g, request
from flask.globals import request_ctx
from flask_babel import gettext as _

from portal.access.decisions import is_site_admin
from portal.config import current_settings
from portal.pluginengine.engine import Engine, current_engine
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.masking import View, current_view, offer_views
from portal.pluginengine.needs import needs_among, with_dependents
from portal.siteadmin.bisecting import Bisection
from portal.siteadmin.viewcookie import OwnView, read_view
from portal.web.current import current

#: These pages are always drawn without plugins, so that they can be used whatever a plugin does.
BARE_PAGES: Final = frozenset({"siteadmin.show_safe_mode", "siteadmin.show_bisection"})


@dataclass(frozen=True, kw_only=True)
class Row:
    """A plugin that took part in the page: how many of its handlers were called, in how many seconds."""

    plugin: LoadedPlugin
    calls: int
    seconds: float
    is_own_page: bool


class PluginView:
    """What the frame of a page asks; made once a request, for site admins only."""

    def __init__(self, view: View, own: OwnView) -> None:
        self._view = view
        self.own = own

    @property
    def is_site_safe(self) -> bool:
        """True when the whole site runs without plugins."""
        return current_settings().safe_mode

    @property
    def bisection(self) -> Bisection | None:
        """The search that is going on; None without one, and when it is over."""
        search = self.own.bisection
        return search if search is not None and search.phase != "done" else None

    @property
    def question(self) -> Bisection | None:
        """The search whose question stands at the foot of this page; its own page asks by itself."""
        return None if request.endpoint in BARE_PAGES else self.bisection

    def running(self, handle: str) -> LoadedPlugin | None:
        """Return the running plugin of that handle."""
        return current_engine().plugins.get(handle)

    @cached_property
    def hidden(self) -> list[LoadedPlugin]:
        """The plugins that this browser is not shown, those that need a hidden one among them, by name."""
        engine = current_engine()
        return _named(engine, masked_by(self.own, engine))

    @property
    def chosen(self) -> frozenset[int]:
        """The keys of those that were hidden by name."""
        return self.own.hidden

    @cached_property
    def here(self) -> str:
        """The address to come back to: this page's, or the front page's where it answers no GET."""
        path = request.full_path.removesuffix("?")
        if request.method in ("GET", "HEAD"):
            return path
        adapter = request_ctx.url_adapter
        return path if adapter is not None and adapter.test(method="GET") else "/"

    def rows(self) -> list[Row]:
        """Return the plugins that took part so far, the slowest first; ask at the end of the page."""
        plugins, page = current_engine().plugins, self._page_plugin()
        parts = {part.handle: part for part in self._view.trace.parts()}
        handles = [*parts, *({page} - {*parts, ""})]
        return [
            Row(
                plugin=plugins[handle],
                calls=parts[handle].calls if handle in parts else 0,
                seconds=parts[handle].seconds if handle in parts else 0.0,
                is_own_page=handle == page,
            )
            for handle in handles
            if handle in plugins
        ]

    def seconds(self) -> float:
        """Return how long the answer has taken so far."""
        return self._view.trace.seconds()

    def _page_plugin(self) -> str:
        plugin = current.plugin
        return str(plugin.handle) if plugin is not None else ""


def init_app(app: Flask) -> None:
    """Let each request look at the site as its browser asked, and let the frame of pages tell so."""
    offer_views(app, view_of_request)
    app.jinja_env.globals.update(plugin_view=plugin_view, seconds_told=seconds_told)


def view_of_request() -> View | None:
    """Return how this request looks at the site; None for all but site admins, whatever their cookie says."""
    if not is_site_admin(current.viewer):
        return None
    own, engine = read_view(), current_engine()
    g.portal_own_view = own
    if request.endpoint in BARE_PAGES:
        return View(hidden=engine.activation.site)
    return View(hidden=masked_by(own, engine))


def own_view() -> OwnView:
    """Return what this browser's cookie says; the plain view for all but site admins."""
    found: OwnView = g.get("portal_own_view") or OwnView()
    return found


def plugin_view() -> PluginView | None:
    """Return what the frame of a page tells of plugins; None for all but site admins."""
    view = current_view.get()
    if view is None:
        return None
    if "portal_plugin_view" not in g:
        g.portal_plugin_view = PluginView(view, own_view())
    made: PluginView = g.portal_plugin_view
    return made


def masked_by(own: OwnView, engine: Engine) -> frozenset[str]:
    """Return the handles that ``own`` hides, with those of the plugins that need them."""
    if not own:
        return frozenset()
    site = engine.activation.site
    keys = {plugin.record.plugin_id: handle for handle, plugin in engine.plugins.items()}
    wanted: Iterable[int] = keys if own.is_safe else own.hidden
    if own.bisection is not None:
        wanted = own.bisection.hidden(keys)
    handles = {keys[each] for each in wanted if each in keys}
    return with_dependents(handles, needs_among(engine.plugins)) & site if handles else frozenset()


def seconds_told(seconds: float) -> str:
    """Write a time down: milliseconds below a second, with two places below one of them."""
    if seconds >= 1:
        return _("%(figure)s s", figure=f"{seconds:.2f}")
    milliseconds = seconds * 1000
    return _("%(figure)s ms", figure=f"{milliseconds:.{1 if milliseconds >= 1 else 2}f}")


def _named(engine: Engine, handles: Iterable[str]) -> list[LoadedPlugin]:
    found = [engine.plugins[handle] for handle in handles if handle in engine.plugins]
    return sorted(found, key=lambda plugin: (plugin.manifest.name.casefold(), plugin.handle))
