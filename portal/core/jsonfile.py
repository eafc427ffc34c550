"""One JSON document, written to a file a bit at a time: what is long is never all in memory."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import BinaryIO, Final

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from portal.core.database import db
from portal.core.units import current_unit

logger = logging.getLogger(__name__)

INDENT: Final = 2


@dataclass(frozen=True, kw_only=True)
class Part:
    """A value that is made when it is written; when that fails, a note stands there and the rest is whole.

    ``name`` says in the log which part it was.
    """

    name: str
    make: Callable[[], object]


class JsonFile:
    """Writes values to ``file``, which can be read back and cut; needs a unit of work.

    Mappings become objects, everything else that can be gone through becomes an array, one element after
    the other. Moments are ISO 8601 in UTC, decimals texts, bytes ``{"base64": ...}``.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, value: object) -> None:
        """Write the document; raises TypeError for a value that JSON cannot say, outside of every part."""
        self._value(value, 0)
        self._put("\n")

    def _value(self, value: object, depth: int) -> None:
        if isinstance(value, Part):
            self._part(value, depth)
        elif isinstance(value, Mapping):
            self._object(value, depth)
        elif isinstance(value, Iterable) and not isinstance(value, str | bytes | LazyString):
            self._array(value, depth)
        else:
            self._put(_scalar(value))

    def _part(self, part: Part, depth: int) -> None:
        begin = self._file.tell()
        savepoint = db.session.begin_nested()
        try:
            self._value(part.make(), depth)
            savepoint.commit()
        except OSError:
            raise  # the file itself cannot be written
        except Exception:
            logger.exception("The part %s of an export could not be written", part.name)
            savepoint.rollback()
            current_unit().poisoned = False
            self._file.seek(begin)
            self._file.truncate()
            self._object(
                {"note": _("This part could not be read; the site's log says why.")}, depth
            )

    def _object(self, members: Mapping[object, object], depth: int) -> None:
        self._between("{", "}", members.items(), self._member, depth)

    def _array(self, elements: Iterable[object], depth: int) -> None:
        self._between("[", "]", elements, self._value, depth)

    def _member(self, member: object, depth: int) -> None:
        assert isinstance(member, tuple)
        name, value = member
        self._put(f"{json.dumps(str(name), ensure_ascii=False)}: ")
        self._value(value, depth)

    def _between(
        self,
        opening: str,
        closing: str,
        elements: Iterable[object],
        write: Callable[[object, int], None],
        depth: int,
    ) -> None:
        self._put(opening)
        is_empty = True
        for each in elements:
            self._put(("" if is_empty else ",") + "\n" + " " * INDENT * (depth + 1))
            write(each, depth + 1)
            is_empty = False
        self._put(closing if is_empty else "\n" + " " * INDENT * depth + closing)

    def _put(self, text: str) -> None:
        self._file.write(text.encode("utf-8", "backslashreplace"))


def _scalar(value: object) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat()
    elif isinstance(value, date):
        value = value.isoformat()
    elif isinstance(value, Decimal | LazyString):
        value = str(value)
    elif isinstance(value, bytes):
        return json.dumps({"base64": base64.b64encode(value).decode("ascii")})
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
