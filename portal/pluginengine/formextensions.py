"""Extensions of the core's forms: what ``form:`` in config.yml names, judged while the plugin is loaded (E-21).

The values are those of fields that the plugin adds to the form's type (3.3.3), and are kept where these are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any, ClassVar, Final

from flask_babel import gettext as _

from portal.pluginengine.errors import LoadError
from portal.pluginengine.manifest import CodePath, FieldDeclaration
from portal.pluginengine.objecttypes.values import CoreType, PluginTypes
from portal.pluginengine.plugin import Plugin

#: Kinds of fields that no input is made for: set by themselves, or bytes.
_WITHOUT_INPUT: Final = ("timestamp", "blob")
_OPTIONS: Final = frozenset({"required", "description"})
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class CoreForm:
    """A form of the core that plugins may extend by fields of a type: ``registration`` asks for a user's."""

    name: str
    core: CoreType


class FormExtension:
    """What a class in forms.py extends that adds fields to a form of the portal (E-21).

    ``extends`` names the form, or several. ``fields`` names fields that the plugin adds to the form's type
    under ``object_types``, which get the input that their column asks for; as a mapping, each with
    ``required`` and ``description``. A field of WTForms as a class attribute is an input of one's own,
    for the field of its name. ``plugin`` is the plugin's object.
    """

    extends: ClassVar[str | Sequence[str]] = ()
    fields: ClassVar[Sequence[str] | Mapping[str, Mapping[str, Any]]] = ()
    plugin: Plugin

    def check(self, values: Mapping[str, Any], owner: Any) -> None:
        """Judge the values of this extension's fields together, once each is fit to be stored.

        ``owner`` is the group or person that they are of, None for one that is just being registered.
        Raise Veto, with ``field`` where one is at fault, or Invalid; nothing is saved then.
        """


@dataclass(frozen=True, kw_only=True)
class AddedField:
    """A field on a form.

    ``given`` is the plugin's own input, an unbound field of WTForms; None for the one that its column asks for.
    """

    name: str
    given: Any = None
    required: bool = False
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class LoadedExtension:
    """A form extension of a running plugin; ``forms`` are the names of those that it extends."""

    handle: str
    extension: FormExtension
    forms: tuple[str, ...]
    fields: tuple[AddedField, ...]

    @property
    def name(self) -> str:
        """The name of its class."""
        return type(self.extension).__name__


def make_extensions(
    handle: str,
    paths: Iterable[CodePath],
    load: Callable[[str], ModuleType | None],
    types: PluginTypes,
    plugin: Plugin,
    forms: Mapping[str, CoreForm],
) -> tuple[LoadedExtension, ...]:
    """Return what ``form:`` names, made and judged; ``LoadError`` names file, class and rule."""
    made: list[LoadedExtension] = []
    for path in paths:
        module = path.module or "forms"
        try:
            made.append(_made(handle, load(module), path.name, types, forms))
            _judge_twice(made)
            made[-1].extension.plugin = plugin
        except _Unfit as fault:
            file = module.replace(".", "/") + ".py"
            raise LoadError(handle, f"{file}, {path.name}: {fault}") from None
    return tuple(made)


class _Unfit(Exception):
    """A class that cannot extend a form; the text says which rule it breaks."""


def _made(
    handle: str,
    module: ModuleType | None,
    name: str,
    types: PluginTypes,
    forms: Mapping[str, CoreForm],
) -> LoadedExtension:
    found = vars(module).get(name) if module is not None else None
    if not (inspect.isclass(found) and issubclass(found, FormExtension)):
        raise _Unfit(_("There is no such class that extends FormExtension of portal.pluginapi."))
    extended = (found.extends,) if isinstance(found.extends, str) else tuple(found.extends)
    fields = tuple(_fields(found))
    for form in extended:
        _judge(form, fields, types, forms)
    if not extended or not fields:
        raise _Unfit(_("It names no form under extends, or no field to add to it."))
    return LoadedExtension(handle=handle, extension=found(), forms=extended, fields=fields)


def _fields(made_by: type[FormExtension]) -> Iterator[AddedField]:
    """Yield the fields that a class adds: those in ``fields``, then its own inputs as they were written."""
    named: Any = made_by.fields
    if isinstance(named, str):
        raise _Unfit(_("fields is a list of names, or a mapping of names to options."))
    options = named if isinstance(named, Mapping) else dict.fromkeys(named, _NONE)
    own = dict(_own_inputs(made_by))
    for name, given in options.items():
        if name in own:
            raise _Unfit(_("The field %(name)s has an input of its own, too.", name=name))
        if not isinstance(given, Mapping) or not _OPTIONS.issuperset(given):
            raise _Unfit(
                _("Options of the field %(name)s are required and description.", name=name)
            )
        yield AddedField(
            name=name,
            given=None,
            required=bool(given.get("required")),
            description=given.get("description", ""),
        )
    for name, unbound in own.items():
        yield AddedField(name=name, given=unbound)


def _own_inputs(made_by: type[FormExtension]) -> list[tuple[str, Any]]:
    """Return the fields of WTForms among a class's attributes, in the order in which they were made."""
    found = []
    for name in dir(made_by):
        value = inspect.getattr_static(made_by, name)
        if not getattr(value, "_formfield", False):  # as WTForms itself tells them
            continue
        if name in vars(FormExtension) or value.name or "id" in value.kwargs:
            raise _Unfit(
                _(
                    "The input %(name)s is called by another name, or by one that is taken.",
                    name=name,
                )
            )
        found.append((name, value))
    return sorted(found, key=lambda each: int(each[1].creation_counter))


def _judge(
    name: str,
    fields: Iterable[AddedField],
    types: PluginTypes,
    forms: Mapping[str, CoreForm],
) -> None:
    form = forms.get(name)
    if form is None:
        known = ", ".join(sorted(forms))
        raise _Unfit(_("There is no form %(name)s. There are: %(known)s.", name=name, known=known))
    declared = _declared(types, form.core)
    for field in fields:
        declaration = declared.get(field.name)
        if declaration is None:
            raise _Unfit(
                _(
                    "The form %(form)s takes fields that this plugin adds to the type %(type)s, and"
                    " %(field)s is none. Declare it under object_types in config.yml.",
                    form=name,
                    type=form.core.name,
                    field=field.name,
                )
            )
        if field.given is None and declaration.column.kind in _WITHOUT_INPUT:
            raise _Unfit(
                _(
                    "There is no input for a %(kind)s, as %(field)s is one.",
                    kind=declaration.column.kind,
                    field=field.name,
                )
            )


def _declared(types: PluginTypes, core: CoreType) -> dict[str, FieldDeclaration]:
    return {
        field.name: field
        for each in types.extensions
        if each.core.name == core.name
        for field in each.fields
    }


def _judge_twice(made: Sequence[LoadedExtension]) -> None:
    """Refuse the last when one before it has a field of its on one of its forms."""
    *before, last = made
    names = {field.name for field in last.fields}
    for each in before:
        shared = set(each.forms) & set(last.forms)
        twice = names & {field.name for field in each.fields}
        if shared and twice:
            raise _Unfit(
                _(
                    "%(other)s has the field %(field)s on the form %(form)s already.",
                    other=each.name,
                    field=min(twice),
                    form=min(shared),
                )
            )
