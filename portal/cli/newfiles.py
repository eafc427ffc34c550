"""Files that commands write: new ones, for their owner's eyes only, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from portal.core.errors import PortalError


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that only its owner may read; it is on the disk when the block ends.

    Raises ``PortalError`` when there is a file already, and when it cannot be written. When the block
    raises, no file is left behind.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise PortalError(
            f"{path} is there already.", "Name a new file: nothing is written over."
        ) from error
    except OSError as error:
        raise PortalError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise PortalError(f"{path} cannot be written: {error.strerror}.") from error
        raise
