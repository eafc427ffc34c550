"""`portal worker`: the background worker alone, for hosts where `portal run` is not used."""

from __future__ import annotations

import logging

import click

from portal.app import create_site
from portal.cli.database import require_newest_revision
from portal.config import Settings
from portal.core.logs import configure_logging
from portal.jobs.worker import run_worker
from portal.pluginengine.sweeping import put_in_order


@click.command("worker")
def worker() -> None:
    """Run background jobs until Ctrl-C; any number of workers may share a site."""
    settings = Settings.load()
    configure_logging(settings.log_level, as_json=not settings.development)
    logging.getLogger("huey").setLevel(logging.WARNING)
    require_newest_revision(settings)
    site = create_site(settings)
    put_in_order(site.app)
    site.start_watch()
    try:
        run_worker(settings, site.newest)
    finally:
        site.stop()
