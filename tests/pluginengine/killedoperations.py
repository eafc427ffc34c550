"""Runs one operation on a site's plugins and kills itself at a step of it; run as a program.

``python -m tests.pluginengine.killedoperations VERB SOURCE POINT NTH``: SOURCE is an archive or a code,
POINT a name of ``POINTS``; the process dies when that function returns, or begins, for the NTH time. The
settings come from the environment.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from portal.app import current_state, make_runtime
from portal.config import Settings
from portal.pluginengine import lifecycle
from portal.pluginengine.archive import read_archive
from portal.pluginengine.lifecycle import Upload

#: Where it may die: the end of which function of which file, however it ends; or its beginning.
POINTS = {
    "journal begun": ("pluginengine/journal.py", "begin"),
    "plugin held": ("pluginengine/barrier.py", "hold"),
    "archive stored": ("store/archives.py", "put"),
    "archive unpacked": ("store/host.py", "folder_of"),
    "migrations run": ("lifecycle/callbacks.py", "migrate"),
    "callback called": ("lifecycle/callbacks.py", "call"),
    "file kept": ("pluginengine/fileundo.py", "keep"),
    "file written": ("pluginengine/files.py", "write"),
    "tables dropped": ("pluginengine/belongings.py", "drop_tables"),
    "before the commit": ("pluginengine/journal.py", "note_success"),
    "files noted": ("pluginengine/fileundo.py", "forget", "call"),
    "after the commit": ("lifecycle/running.py", "_carry_out"),
    "files deleted": ("pluginengine/files.py", "delete_all"),
}
OPTIONS = {"uninstall": {"purge": True}}


def die_at(point: str, nth: int) -> None:
    """Let this process kill itself there; nothing of Python's own end of a process runs."""
    file, name, *at = POINTS[point]
    awaited = at[0] if at else "return"
    met = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal met
        code = frame.f_code
        if event == awaited and code.co_name == name and code.co_filename.endswith(file):
            met += 1
            if met == nth:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(profile)


def main(verb: str, source: str, point: str, nth: str) -> None:
    """Carry the operation out, as far as it gets."""
    settings = Settings.load()
    app = make_runtime(settings).build(current_state(settings))
    path = Path(source)
    given = Upload(archive=read_archive(path.read_bytes())) if path.is_file() else source
    die_at(point, int(nth))
    with app.app_context():
        getattr(lifecycle, verb)(given, **OPTIONS.get(verb, {}))


if __name__ == "__main__":
    main(*sys.argv[1:])
