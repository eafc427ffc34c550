"""A worker that starts: builds its site and says what became of the plugin "probe".

While another worker's operation keeps the plugin silent, its pages ask to come back (engineering B1), and this
one follows as its watch would.
"""

import sys
import time

from portal.app import create_site
from portal.config import Settings
from portal.pluginengine.engine import EXTENSION

FOLLOWED_WITHIN_SECONDS = 20

site = create_site(Settings.load())
until = time.monotonic() + FOLLOWED_WITHIN_SECONDS
while "probe" in site.app.extensions[EXTENSION].state.held and time.monotonic() < until:
    time.sleep(0.05)
    site.refresh()
engine = site.app.extensions[EXTENSION]
runs = "probe" in engine.plugins
sys.stdout.write("runs" if runs else f"held: {engine.state.held} {engine.problems}")
