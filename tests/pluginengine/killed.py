"""Kills processes at each line of the store's file code and judges what is left; run as a program.

``python -m tests.pluginengine.killed unpack|mend ARCHIVE DIRECTORY [LINE]`` prints the number of lines
that it killed at. A program of its own, because only a process without threads may fork safely.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from portal.pluginengine.archive import PluginArchive, read_archive
from portal.pluginengine.store import folders, sweeping

CODE = folders.__file__
AT_ONCE = timedelta(0)


def killed_at(line: int, call: Callable[[], object]) -> bool:
    """Call in a child that kills itself before the given line of the file code; tell whether it did."""
    child = os.fork()
    if not child:
        met = 0

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal met
            if frame.f_code.co_filename != CODE:
                return None
            if event == "line":
                met += 1
                if met == line:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        call()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def unpack_everywhere(archive: PluginArchive, place: Path) -> int:
    """Kill an unpacking at every line; each time nothing or all is there, and the next one succeeds."""
    target = place / archive.sha256
    line = 0
    while killed_at(line + 1, lambda: folders.unpack(target, archive.files, archive.contents())):
        line += 1
        left = folders.compare(target, archive.files)
        require(left.is_absent or not left, f"line {line} left half a folder: {left}")
        strangers = [path.name for path in place.iterdir() if path != target]
        require(all(name.startswith(folders.DRAFT) for name in strangers), f"{strangers}")
        require_repair(archive, place, line)
    return line


def mend_everywhere(archive: PluginArchive, place: Path) -> int:
    """Kill a restoring at every line; what was right stays in place, and the next one succeeds."""
    target = place / archive.sha256
    files = archive.files
    line = 0
    while True:
        folders.unpack(target, files, archive.contents())
        (target / "plugin.py").unlink()
        (target / "evil.py").write_text("x")
        (target / "static" / "probe.css").chmod(0o644)
        (target / "static" / "probe.css").write_text("x")
        found = folders.compare(target, files)
        if not killed_at(
            line + 1,
            lambda found=found: folders.mend(target, files, archive.contents(), found),  # type: ignore[misc]
        ):
            return line
        line += 1
        left = folders.compare(target, files)
        require("config.yml" not in left.missing + left.modified, f"line {line} lost a file")
        folders.mend(target, files, archive.contents(), left)
        require_repair(archive, place, line)


def require_repair(archive: PluginArchive, place: Path, line: int) -> None:
    """Unpack and sweep as the next start does; nothing but the whole folder is left. Then clean up."""
    target = place / archive.sha256
    folders.unpack(target, archive.files, archive.contents())
    sweeping.sweep(place, [archive.sha256], grace=AT_ONCE)
    require(not folders.compare(target, archive.files), f"line {line} was not repaired")
    names = {path.name for path in place.iterdir()}
    require(names == {archive.sha256, ".lock"}, f"line {line} left {names}")
    shutil.rmtree(place)
    place.mkdir()


def require(claim: bool, otherwise: str) -> None:
    """End with an error unless the claim holds."""
    if not claim:
        raise SystemExit(otherwise)


def main(what: str, packed: str, directory: str, line: str = "") -> None:
    """Kill at every line, or leave behind what dying at one line leaves."""
    os.fsync = lambda handle: None  # the process dies here, not the machine; it is slow
    archive, place = read_archive(Path(packed).read_bytes()), Path(directory)
    place.mkdir(parents=True, exist_ok=True)
    if line:
        target = place / archive.sha256
        require(
            killed_at(int(line), lambda: folders.unpack(target, archive.files, archive.contents())),
            "it was not killed",
        )
        return
    everywhere = {"unpack": unpack_everywhere, "mend": mend_everywhere}[what]
    sys.stdout.write(str(everywhere(archive, place)))


if __name__ == "__main__":
    main(*sys.argv[1:])
