"""Judges the Python files of an archive: they are compiled, never run (2.3.3, Install, step 2)."""

from __future__ import annotations

import warnings
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.archive.limits import MIB, size_text

LONGEST_PYTHON: Final = MIB
"""Bytes of the longest Python file; compiling takes memory many times its length."""


def python_faults(source: bytes) -> list[str]:
    """Return what is wrong with a Python file, as sentences with what to do; empty when it compiles."""
    if len(source) > LONGEST_PYTHON:
        rule = _(
            "A Python file may have at most %(limit)s. Put data into a file of another kind.",
            limit=size_text(LONGEST_PYTHON),
        )
        return [rule]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<archive>", "exec", dont_inherit=True)
    except SyntaxError as error:
        line = f"{error.lineno}: " if error.lineno else ""
        return [_("It is no Python that runs here: line %(what)s.", what=f"{line}{error.msg}")]
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return [_("It is no Python that runs here: %(what)s.", what=str(error))]
    return []
