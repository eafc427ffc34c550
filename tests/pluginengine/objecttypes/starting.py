"""A worker that starts: builds its site and says what became of the plugin "probe"."""

import sys

from portal.app import create_site
from portal.config import Settings
from portal.pluginengine.engine import EXTENSION

site = create_site(Settings.load())
engine = site.app.extensions[EXTENSION]
runs = "probe" in engine.plugins
sys.stdout.write("runs" if runs else f"held: {engine.problems['probe'].cause}")
