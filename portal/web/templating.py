"""What every template may use: hooks by name, what plugins add to each page, who looks, the site's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import get_locale
from flask_bootstrap import Bootstrap5
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemBytecodeCache,
    FileSystemLoader,
    PackageLoader,
)
from markupsafe import Markup

from portal.config import ROOT, Settings
from portal.core.audit.actions import action_label
from portal.pluginengine.engine import current_engine
from portal.web.current import current
from portal.web.pageparts import page_parts, site_menu, something, top_bar


def hook(name: str, **params: Any) -> Markup:
    """Render a hook: ``{{ hook("project_after_description", group=group) }}``."""
    return something(current_engine().hooks.render(name, **params))


def init_app(app: Flask, settings: Settings) -> None:
    """Set the template environment up: core templates, bytecode cache, globals."""
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    app.jinja_env.loader = core_loader()
    cache = settings.var / "cache" / "templates"
    cache.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(cache))
    app.jinja_env.auto_reload = settings.development
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        action_label=action_label,
        current=current,
        hook=hook,
        page_parts=page_parts,
        plugin_notices=tuple,
        plugin_view=type(None),
        site_menu=site_menu,
        top_bar=top_bar,
        site_name=settings.site_name,
        get_locale=get_locale,
    )


def core_loader() -> BaseLoader:
    """Return the loader of core templates and of the macros that come with Bootstrap-Flask."""
    return ChoiceLoader([FileSystemLoader(ROOT / "templates"), PackageLoader("flask_bootstrap")])


def add_plugin_templates(app: Flask, plugins: BaseLoader) -> None:
    """Let templates of plugins be found by ``<handle>:<name>``, and nowhere else."""
    app.jinja_env.loader = ChoiceLoader([core_loader(), plugins])


def warm(app: Flask, names: tuple[str, ...]) -> None:
    """Compile the templates that the next visitors need, so that a swap costs them nothing (A9)."""
    for name in names:
        if (Path(ROOT) / "templates" / name).is_file():
            app.jinja_env.get_template(name)
