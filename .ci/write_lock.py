"""Turn pip's installation report into requirements.lock: `write_lock.py REPORT LOCK`.

A resolution on paper (`pip install --dry-run --ignore-installed`) rather than `pip freeze`, so that
what somebody once tried in the environment never gets into the lock.
"""

import json
import sys
from pathlib import Path

HEADER = """\
# Exact versions, written by `make lock`; used as constraints by `make run` and `make check`.
# The ranges in setup.cfg are the authority.
"""


def main(report: str, lock: str) -> None:
    """Write one `name==version` line for each package of the report but Portal itself."""
    installed = json.loads(Path(report).read_text())["install"]
    pins = {each["metadata"]["name"].lower(): each["metadata"]["version"] for each in installed}
    pins.pop("portal", None)
    Path(lock).write_text(HEADER + "".join(f"{name}=={pins[name]}\n" for name in sorted(pins)))
    sys.stdout.write(f"{lock}: {len(pins)} packages.\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
