"""The composition root: how an app generation is put together, in order."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from portal import access, accounts, groups, home, jobs, objectpages, plannedhooks, siteadmin
from portal.config import ROOT, Settings
from portal.core.database import db
from portal.jobs.deferral import register_jobs
from portal.jobs.queue import JobQueue
from portal.jobs.registry import jobs_of
from portal.pluginclass import Plugin
from portal.pluginengine import settings as plugin_settings
from portal.pluginengine.assembly import Host, assemble, plugin_templates
from portal.pluginengine.catalogue import Catalogue
from portal.pluginengine.engine import EXTENSION, Engine, current_engine
from portal.pluginengine.gathering import Gathering
from portal.pluginengine.health import HealthLog
from portal.pluginengine.hosting import hosting_of, offer_hooks
from portal.pluginengine.journal import put_journal_in_order
from portal.pluginengine.lifecycle import bring_all_up, record_personal_data
from portal.pluginengine.lifecycle.quarantining import Rule
from portal.pluginengine.reloading import ReloadableApp, load_state
from portal.pluginengine.routing import Gate
from portal.pluginengine.runtime import Runtime
from portal.pluginengine.state import SiteState
from portal.siteadmin.views.pluginconfig import mount_config_pages
from portal.web import (
    errors,
    extensionfields,
    generation,
    hooks,
    i18n,
    metrics,
    plugin_pages,
    probes,
    security,
    templating,
)
from portal.web.adminroute import judge_admin_route
from portal.web.application import Portal
from portal.web.current import current

HOT_TEMPLATES = (
    "groups/summary.html",
    "groups/list.html",
    "home/index.html",
    "home/my_page.html",
    "layouts/error.html",
)


def make_runtime(settings: Settings) -> Runtime:
    """Return the process's runtime, whose ``build`` makes the app generations; they share one queue."""
    queue = JobQueue(settings)
    runtime = Runtime(
        build=lambda state: build_app(settings, state, runtime, queue),
        database_url=settings.database_url,
        var=settings.var,
        plugins_dir=settings.plugins_dir,
        plugin_path=settings.plugin_path,
        health=HealthLog(
            warn_seconds=settings.handler_warn_seconds, handler_seconds=settings.handler_seconds
        ),
    )
    return runtime


def create_app(settings: Settings | None = None) -> Portal:
    """Build one app on the site's committed state: for commands, jobs and tests."""
    settings = settings or Settings.load()
    return cast(Portal, make_runtime(settings).build(current_state(settings)))


def create_site(settings: Settings | None = None) -> ReloadableApp:
    """Return the WSGI callable of a web worker: it follows the site's generations."""
    settings = settings or Settings.load()
    runtime = make_runtime(settings)
    runtime.share.begin()
    engine = db.engine_for(settings.database_url)
    rule = Rule(failures=settings.quarantine_failures, minutes=settings.quarantine_minutes)
    gathering = Gathering(engine, runtime.health, settings.var, rule)
    gathering.prepare(lambda: runtime.build(SiteState()))
    site = ReloadableApp(
        engine=engine,
        build=runtime.build,
        poll_seconds=settings.poll_seconds,
        cookie=generation.COOKIE,
        after_swap=partial(_forget_the_past, runtime, []),
        mend=put_journal_in_order,
        beside=gathering,
        sources=runtime.sources if settings.development else None,
    )
    _bring_tables_up(site)
    return site


def _bring_tables_up(site: ReloadableApp) -> None:
    """Before the first request: let plugins whose tables are older than their code bring them up (M-10).

    Then the record of personal data says what runs.
    """
    with site.app.app_context():
        is_tried = bring_all_up(current_engine())
    if is_tried:
        site.refresh()
    with site.app.app_context():
        record_personal_data(current_engine())


def current_state(settings: Settings) -> SiteState:
    """Return the committed plugin state; an empty one before the first migration."""
    return load_state(db.engine_for(settings.database_url))


def build_app(settings: Settings, state: SiteState, runtime: Runtime, queue: JobQueue) -> Portal:
    """Put one generation together. It never reads the plugin tables: ``state`` is all it knows of them."""
    app = Portal("portal", static_folder=str(ROOT / "static"), template_folder=None)
    _configure(app, settings)
    metrics.init_app(app, runtime.tallies, runtime.share)
    db.init_app(app)
    i18n.init_app(app, settings)
    templating.init_app(app, settings)
    security.init_app(app)
    security.trust_proxies(app, settings.proxies)
    errors.init_app(app)
    probes.init_app(app)
    jobs.init_app(app, queue)
    for package in (accounts, access, groups, home, siteadmin, objectpages):
        package.init_app(app)
    CSRFProtect(app)
    plugin_settings.init_app(app, settings.var, _owners_on_page)
    offer_hooks(app, hooks.HOOKS)
    engine = assemble(app, state, runtime, _catalogue(app), _host(app, settings))
    for name, handler in hosting_of(app).handlers:
        engine.hooks.offer_host(name, handler)
    for plugin in engine.plugins.values():
        register_jobs(jobs_of(app).registry, plugin.instance)
    mount_config_pages(app, engine)
    templating.add_plugin_templates(app, plugin_templates(engine.plugins.values()))
    extensionfields.init_app(app)
    objectpages.offer_lists(app)
    templating.warm(app, HOT_TEMPLATES)
    judge_admin_route(app, settings.admin_route)
    return app


def _owners_on_page() -> list[Any]:
    """Return the group and the people of the running page, whose settings are read together."""
    return [each for each in (current.group, current.user, current.viewer) if each is not None]


def _configure(app: Portal, settings: Settings) -> None:
    app.extensions["portal.settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SESSION_COOKIE_NAME="portal_session",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )


def _catalogue(app: Flask) -> Catalogue:
    return Catalogue([*hosting_of(app).specs, *plannedhooks.HOOKS])


def _host(app: Flask, settings: Settings) -> Host:
    return Host(
        page_owner=lambda: current.page_owner,
        request_id=lambda: current.request_id,
        derive={
            "viewer": lambda params: current.viewer,
            "group_id": lambda params: cast(Any, params["group"]).group_id,
            "user_id": lambda params: cast(Any, params["user"]).user_id,
        },
        gate=Gate(
            kinds=tuple(hosting_of(app).kinds),
            enter_plugin=plugin_pages.enter_plugin,
            require_person=plugin_pages.require_person,
        ),
        plain_class=Plugin,
        safe_mode=settings.safe_mode,
    )


def _forget_the_past(runtime: Runtime, history: list[set[str]], app: Flask) -> None:
    """Drop plugin packages that neither this generation nor the one before uses.

    Incidents of plugins that are no longer registered go, too.
    """
    engine: Engine = app.extensions[EXTENSION]
    history.append({plugin.package for plugin in engine.plugins.values()})
    del history[:-2]
    runtime.modules.keep_only(set().union(*history))
    runtime.judged &= set().union(*history)
    runtime.health.keep_only(engine.state.by_handle)
