"""Judges who a plugin is: its names, versions, homepage and the classes it is made of."""

from __future__ import annotations

import re
from functools import partial

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry
from portal.pluginengine.manifest.values import CodePath
from portal.pluginengine.naming import check_code, check_free, check_handle, default_handle
from portal.pluginengine.versions import parse_schema_version, parse_version

_PART = r"[A-Za-z_][A-Za-z0-9_]{0,99}"
_MODULE = rf"{_PART}(?:\.{_PART}){{0,9}}"
_CODE_PATH = re.compile(rf"(?:(?P<module>{_MODULE}):)?(?P<name>{_PART})")


def parse_code_path(text: str, module: str | None = None) -> CodePath:
    """Read ``module:Name``, or a bare ``Name`` when ``module`` says where it is looked for.

    The module lies inside the plugin's package, whatever it is called. Raises BadValue.
    """
    match = _CODE_PATH.fullmatch(text)
    if match and (match["module"] or module is not None):
        return CodePath(match["module"] or module or "", match["name"])
    if module is None:
        raise BadValue(text, _("Write module:Name, a class in a module of the plugin."))
    raise BadValue(text, _("Write a name, or module:name for one in another module of the plugin."))


def code_path(entry: Entry, module: str | None = None) -> CodePath | None:
    """One name of the plugin's package, or None."""
    return entry.checked(partial(parse_code_path, module=module))


def code_paths(entry: Entry, module: str) -> tuple[CodePath, ...]:
    """A list of names of the plugin's package (E-19, E-21)."""
    return entry.distinct(lambda item: code_path(item, module))


def code(entry: Entry, folder: str | None) -> str | None:
    """The code, legal and, when ``folder`` is given, the name of that folder (E-23, E-25)."""
    found = entry.checked(check_code, required=True)
    if found is not None and folder is not None and found != folder:
        entry.fault(_("The code names the plugin's folder, which is %(name)s.", name=folder))
    return found


def handle(entry: Entry, code: str | None, owner: str | None) -> str | None:
    """The handle, given or derived from the code, legal and free for ``owner`` (R-01)."""
    if not entry.is_absent:
        return entry.checked(lambda text: check_free(check_handle(text), owner))
    if code is None:
        return None
    derived = default_handle(code)
    if derived is None:
        entry.fault(
            _(
                "No handle follows from the code %(code)s. Give one: 1 to 32 lower-case ASCII"
                " letters.",
                code=code,
            )
        )
        return None
    try:
        return check_free(derived, owner)
    except BadValue as bad:
        entry.fault(bad.rule, bad.value)
        return None


def version_text(entry: Entry, *, required: bool = False) -> str | None:
    """A version exactly as written (R-02: the text is kept), or None."""

    def written(text: str) -> str:
        parse_version(text)
        return text

    return entry.checked(written, required=required)


def schema_version(entry: Entry) -> str | None:
    """The schema version exactly as written, or None (M-12)."""

    def written(text: str) -> str:
        parse_schema_version(text)
        return text

    return entry.checked(written)


def homepage(entry: Entry) -> str:
    """A web address that a page may link to; "" for none."""
    text = entry.text()
    if text and not re.fullmatch(r"https?://[^\s\"'<>\\]+", text):
        entry.fault(_("A homepage is an address that begins with https:// or http://."))
    return text
