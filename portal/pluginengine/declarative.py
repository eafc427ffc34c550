"""Models of plugins: a registry and MetaData of their own, names kept to ``plugin_<handle>_*`` (design 7).

Towards core tables a plugin has foreign keys made from Column objects and view-only relationships;
anything else would hang the plugin on the core's mappers for good (engineering A5).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, declared_attr

from portal.core.database import OwnTables
from portal.pluginengine import naming
from portal.pluginengine.context import current_plugin
from portal.pluginengine.errors import LoadError
from portal.pluginengine.schemarules import table_faults

NAMING_CONVENTION = {
    "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    "uq": "%(table_name)s_%(column_0_N_name)s_uq",
    "ck": "%(table_name)s_%(constraint_name)s_ck",
    "fk": "%(table_name)s_%(column_0_N_name)s_fk",
    "pk": "%(table_name)s_pk",
}


def plugin_model() -> type[DeclarativeBase]:
    """Return a declarative base for the plugin that is being imported: ``Model = plugin_model()``.

    A class's table is ``plugin_<handle>_<class in snake case>`` unless it names another one with the
    same prefix; ``LoadError`` for any other name, and for references that could hurt the core (design 7).
    RuntimeError outside the import of a plugin.
    """
    owner = current_plugin.get()
    if owner is None:
        raise RuntimeError(
            "plugin_model() was called outside a plugin's import. Call it in models.py."
        )

    handle: str = owner

    class PluginModel(DeclarativeBase):
        metadata = MetaData(naming_convention=NAMING_CONVENTION)

        @declared_attr.directive
        def __tablename__(cls) -> str:  # noqa: N805  SQLAlchemy hands in the class
            return naming.table(handle, naming.underscore(cls.__name__))

        def __init_subclass__(cls, **options: Any) -> None:
            super().__init_subclass__(**options)
            _judge_table(cls, handle)

    return PluginModel


def _judge_table(model: type[DeclarativeBase], handle: str) -> None:
    table = getattr(model, "__table__", None)
    if table is None:
        return
    faults = list(table_faults(handle, table))
    if faults:
        raise LoadError(handle, " ".join(faults))


def bases_of(package: str) -> Iterator[type[DeclarativeBase]]:
    """Yield the declarative bases that the modules of a package hold, as far as they are imported."""
    modules = [each for name, each in sys.modules.items() if name.startswith(package + ".")]
    found = {id(base): base for module in modules for base in _bases_in(module)}
    yield from found.values()


def _bases_in(module: ModuleType) -> Iterator[type[DeclarativeBase]]:
    for value in tuple(vars(module).values()):
        if isinstance(value, type) and issubclass(value, DeclarativeBase):
            yield from (each for each in value.__mro__ if DeclarativeBase in each.__bases__)


def judge_relationships(handle: str, package: str) -> None:
    """Refuse, with ``LoadError``, relationships of a plugin's package that would change core classes.

    Looks at what is declared without configuring the mappers, so that nothing has happened yet.
    """
    for base in bases_of(package):
        if issubclass(base, OwnTables):
            continue
        own = {mapper.class_ for mapper in base.registry.mappers}
        for mapper in base.registry.mappers:
            for key, relation in mapper._init_properties.items():  # the public ones configure
                argument = getattr(relation, "argument", None)
                if argument is None:
                    continue
                target = (
                    argument()
                    if callable(argument) and not isinstance(argument, type)
                    else argument
                )
                if not isinstance(target, type) or target in own:
                    continue
                if not relation.viewonly or relation.backref or relation.back_populates:
                    cause = _(
                        "%(place)s is a relationship to a core class that could write. "
                        "Use to_group() or to_user().",
                        place=f"{mapper.class_.__name__}.{key}",
                    )
                    raise LoadError(handle, cause)
