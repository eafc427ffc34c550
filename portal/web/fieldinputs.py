"""Inputs for declared fields: how a value is typed, read and judged, whoever keeps it (3.3.2, 3.3.3)."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from flask_babel import get_timezone
from flask_babel import gettext as _
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, ValidationError
from wtforms.widgets import DateTimeLocalInput, NumberInput

from portal.pluginengine.columns import INTEGER_RANGES
from portal.pluginengine.manifest import FieldDeclaration
from portal.pluginengine.objecttypes.fieldvalues import checked
from portal.web.forms import Form

#: What has an input. A ``timestamp`` is set by itself, bytes are written by the plugin.
EDITED: Final = frozenset(
    {*INTEGER_RANGES, "float", "double", "boolean", "string", "text", "datetime"}
)

_TEXTS: Final = ("string", "text")
#: What browsers send from ``datetime-local``; people may write a blank for the T.
_MOMENTS: Final = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")


def input_of(
    declaration: FieldDeclaration, label: str, *, required: bool = False, description: str = ""
) -> Any:
    """Return the field of a form (WTForms' unbound one) that a value is typed into; errors come to stand at it.

    Give it ``typed(declaration, value)`` and read what it holds with ``parsed``. ``required`` wants a
    value, of a boolean that it is ticked. Only for the kinds in ``EDITED``.
    """
    column = declaration.column
    is_wanted = required or (column.not_null and column.kind not in (*_TEXTS, "boolean"))
    rules = [*([DataRequired()] if is_wanted else []), _Fits(declaration)]
    if column.kind == "boolean":
        return BooleanField(label, rules, description=description)
    if declaration.choices:
        offered = [SelectChoice(each, each) for each in declaration.choices]
        if required or not column.not_null:
            offered.insert(0, SelectChoice("", _("(nothing)")))
        return SelectField(label, rules, choices=offered, description=description)
    if column.kind == "text":
        return TextAreaField(label, rules, description=description)
    if column.kind == "string":
        limit = {"maxlength": column.size}
        return StringField(label, rules, description=description, render_kw=limit)
    if column.kind == "datetime":
        widget = DateTimeLocalInput()
        return StringField(
            label, rules, description=description, widget=widget, render_kw={"step": "any"}
        )
    number = NumberInput(
        step=1 if column.kind in INTEGER_RANGES else "any",
        min=declaration.minimum,
        max=declaration.maximum,
    )
    return StringField(label, rules, description=description, widget=number)


def typed(declaration: FieldDeclaration, value: Any) -> Any:
    """Return a value as it stands in its input: a bool, else a text, empty for None.

    A moment stands there in the viewer's time zone, to the minute, or to the second where it has seconds.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return _local(value)
    return "" if value is None else str(value)


def parsed(declaration: FieldDeclaration, sent: Any, standing: Any = None) -> Any:
    """Return what was typed as a value of the field; ValueError says for people what is wrong with it.

    ``standing`` is the value that stood in the input: sent back as it stood, it stays as it is, with what
    an input does not show of it (fractions of a second, which of two like hours in autumn).
    """
    if isinstance(sent, datetime) and sent.tzinfo is None:  # of WTForms' own fields
        sent = sent.isoformat()
    if not isinstance(sent, str):
        return checked(declaration, sent)
    text = sent.replace("\r\n", "\n")
    if standing is not None and text == typed(declaration, standing):
        return checked(declaration, standing)
    is_text = declaration.column.kind in _TEXTS
    return checked(declaration, text if text and is_text else _read(declaration, text.strip()))


def _read(declaration: FieldDeclaration, text: str) -> Any:
    """Return the value of a text that is none, or no text's."""
    column = declaration.column
    if not text:
        return "" if column.kind in _TEXTS and column.not_null else None
    if column.kind == "datetime":
        return _moment(text, get_timezone())
    try:
        return int(text) if column.kind in INTEGER_RANGES else float(text)
    except ValueError:
        raise ValueError(_("A number belongs here.")) from None


class _Fits:
    """A validator: what was typed is a value of the field."""

    def __init__(self, declaration: FieldDeclaration) -> None:
        self._declaration = declaration

    def __call__(self, form: Form, field: Field) -> None:
        try:
            parsed(self._declaration, field.data)
        except ValueError as fault:
            raise ValidationError(str(fault)) from fault


def local_time(moment: datetime) -> datetime:
    """Return what the viewer's clocks show at a moment, without a zone; UTC's at the ends of the calendar."""
    try:
        here = moment.astimezone(get_timezone())
    except OverflowError:
        here = moment
    return here.replace(tzinfo=None)


def _local(moment: datetime) -> str:
    here = local_time(moment)
    is_exact = not here.second and not here.microsecond
    return here.replace(microsecond=0).isoformat(timespec="minutes" if is_exact else "seconds")


def _moment(text: str, zone: tzinfo) -> datetime:
    """Return the moment of a local date and time; of an hour that comes twice, the first.

    ValueError for what is none, and for a time that the zone's clocks leap over.
    """
    naive = _date_and_time(text)
    try:
        here = _in_zone(naive, zone)
        moment = here.astimezone(UTC)
        again = moment.astimezone(zone).replace(tzinfo=None)
    except (OverflowError, ValueError):
        raise ValueError(_("This is too far away.")) from None
    if again != naive:
        raise ValueError(_("There is no such time: the clocks are put forward then."))
    return moment


def _date_and_time(text: str) -> datetime:
    for pattern in _MOMENTS:
        try:
            return datetime.strptime(text.replace(" ", "T", 1), pattern)  # noqa: DTZ007 - local on purpose
        except ValueError:
            continue
    raise ValueError(_("Write a date and a time as in 2026-03-31 14:30."))


def _in_zone(naive: datetime, zone: tzinfo) -> datetime:
    """Return a local time with its zone, zoneinfo's or pytz's."""
    localize = getattr(zone, "localize", None)
    if localize is None:
        return naive.replace(tzinfo=zone)
    here: datetime = localize(naive, is_dst=True)  # the first of two, as with fold=0
    return here
