"""Form fields that a plugin writes, as a table row (seed 004) or freely, drawn anew beside its switch.

Only fields, their labels and text come through, with the core's classes; every field bears the
plugin's handle in its name, so that it reaches the plugin and nobody else. The form around them is the
core's: whatever could end it, send it elsewhere or add to what others are told is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from portal.pluginengine.seeds import SeedFault
from portal.web.addresses import checked_url
from portal.web.seedtree import Element, tagged

#: Elements that stand in a line of text.
TEXT_LEVEL = frozenset({"a", "abbr", "b", "br", "code", "em", "i", "small", "span", "strong", "u"})

_ROWS = frozenset({"p", "div", "label"})
#: What may stand around fields besides, where they are not written as a row.
_GROUPS = frozenset({"fieldset", "legend", "ul", "ol", "li", "dl", "dt", "dd", "hr"})
#: Classes that come through outside of fields, which have the core's.
_CLASSES = frozenset({"form-check", "form-check-label", "form-label", "form-text"})
_FIELDS = frozenset({"input", "select", "textarea"})
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "select": ("option", "optgroup"),
    "optgroup": ("option",),
}

_TYPES = frozenset(
    {"text", "search", "email", "url", "tel", "number", "range", "date", "time", "datetime-local"}
    | {"month", "week", "color", "checkbox", "radio", "hidden", "password"}
)
_KEPT: Mapping[str, tuple[str, ...]] = {
    "input": (
        *("type", "name", "id", "value", "checked", "placeholder", "min", "max", "step"),
        *(
            "minlength",
            "maxlength",
            "size",
            "pattern",
            "title",
            "disabled",
            "readonly",
            "aria-label",
        ),
    ),
    "select": ("name", "id", "multiple", "size", "title", "disabled", "aria-label"),
    "textarea": (
        *("name", "id", "rows", "cols", "maxlength", "placeholder"),
        *("title", "disabled", "readonly", "aria-label"),
    ),
    "option": ("value", "label", "selected", "disabled"),
    "optgroup": ("label", "disabled"),
    "label": ("for",),
    "abbr": ("title",),
    "a": ("href",),
}


def draw_row(cells: Sequence[Element], handle: str) -> Markup:
    """Return the two cells of a row as one line of a form.

    A text beside a single field becomes its label. The plugin's own switch, which the core draws, is
    left out; empty when nothing else is there. Raises SeedFault for elements that do not belong in a
    form, and for fields without the plugin's name.
    """
    drawer = _Drawer(handle)
    inner = Markup(" ").join(drawer.inside(cell).strip() for cell in cells).strip()
    labelled = any(each.tag == "label" for cell in cells for each in cell.walk())
    tag = "label" if drawer.shown == 1 and not labelled else "div"
    return tagged(tag, {"class": "toggle-field"}, inner) if inner else inner


def draw_fields(root: Element, handle: str) -> Markup:
    """Return markup beside a switch as it may stand in the core's form, without the switch itself.

    Raises SeedFault as ``draw_row`` does.
    """
    return _Drawer(handle, _GROUPS).inside(root)


class _Drawer:
    """Draws what is allowed, and counts the fields that people see."""

    def __init__(self, handle: str, besides: frozenset[str] = frozenset()) -> None:
        self.shown = 0
        self._handle = handle
        self._allowed = TEXT_LEVEL | _ROWS | _FIELDS | besides

    def inside(self, element: Element, allowed: frozenset[str] | None = None) -> Markup:
        """Return what an element holds; ``allowed`` are the elements that may stand there."""
        return Markup("").join(
            escape(each) if isinstance(each, str) else self._one(each, allowed)
            for each in element.children
        )

    def _one(self, element: Element, allowed: frozenset[str] | None) -> Markup:
        tag = element.tag
        if tag not in (allowed if allowed is not None else self._allowed):
            raise SeedFault(f"<{tag}> cannot stand beside a plugin's switch")
        if tag in _FIELDS:
            return self._field(element)
        if tag == "a":
            checked_url(element.attributes.get("href"), "A link beside a plugin's switch")
        inner = (
            frozenset(_CHOICES[tag])
            if tag in _CHOICES
            else frozenset()
            if tag == "option"
            else None
        )
        return tagged(tag, self._kept(element), self.inside(element, inner))

    def _field(self, element: Element) -> Markup:
        name, tag = element.attributes.get("name") or "", element.tag
        if name == f"use_{self._handle}":
            return Markup()
        if not name.startswith(f"{self._handle}_"):
            raise SeedFault(f"the field {name!r} must be called {self._handle}_<field>")
        kind = (element.attributes.get("type") or "text").strip().lower()
        if tag == "input" and kind not in _TYPES:
            raise SeedFault(f"a field of type {kind!r} cannot stand beside a plugin's switch")
        self.shown += tag != "input" or kind != "hidden"
        attributes = {**self._kept(element), "class": _class(tag, kind)}
        return tagged(tag, attributes, self.inside(element, frozenset(_CHOICES.get(tag, ()))))

    def _kept(self, element: Element) -> dict[str, str | None]:
        """The attributes that come through; ids only when they bear the handle, too."""
        given = element.attributes
        kept = {name: given[name] for name in _KEPT.get(element.tag, ()) if name in given}
        for name in ("id", "for"):
            if not (kept.get(name) or "").startswith((f"{self._handle}_", f"{self._handle}-")):
                kept.pop(name, None)
        classes = [each for each in (given.get("class") or "").split() if each in _CLASSES]
        return {**kept, "class": " ".join(classes)} if classes else kept


def _class(tag: str, kind: str) -> str:
    if tag == "select":
        return "form-select"
    if tag == "input" and kind in ("checkbox", "radio"):
        return "form-check-input"
    return "form-range" if tag == "input" and kind == "range" else "form-control"
