"""Names for what is measured of a plugin besides hooks; in brackets, so that no hook is called so."""

from __future__ import annotations

from typing import Final

#: A view of the plugin, and what its blueprint hangs around its views.
PAGE: Final = "(page)"
#: What its blueprint cleans up with after a request.
TEARDOWN: Final = "(teardown)"
#: A template that it renders.
TEMPLATE: Final = "(template)"
#: What it adds to a form of the core.
FORM: Final = "(form)"
#: A job in the background.
JOB: Final = "(job)"
#: A module while it is imported.
IMPORT: Final = "(import)"
#: What ended a whole worker, whatever the place.
DEATH: Final = "(worker ended)"
#: A whole request, files of the static folders left out; counted for the portal itself.
REQUEST: Final = "(request)"
