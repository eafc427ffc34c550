"""The manifest as values: what the judges make of config.yml and event.yml. Frozen, comparable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from flask_babel.speaklater import LazyString

from portal.pluginengine.columns import ColumnDefinition
from portal.pluginengine.errors import Fault
from portal.pluginengine.naming import readable

HandlerType = Literal["FIRST", "NORMAL", "LAST"]
Scope = Literal["site", "group", "user"]
PolicyWord = Literal["forced", "default_on", "allowed", "forbidden"]
SettingType = Literal["string", "text", "integer", "number", "boolean", "url", "email"]
SettingValue = str | int | bool | Decimal
PageName = Literal["list", "show", "new", "edit", "delete"]
PageViewers = Literal["everybody", "people", "permission"]


@dataclass(frozen=True, slots=True)
class CodePath:
    """``name`` in ``module``, below the plugin's own package; module "" is the plugin class."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}:{self.name}" if self.module else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerDeclaration:
    """One line of event.yml: ``handler`` answers the hook ``event`` in the band ``type`` (E-27)."""

    event: str
    handler: str
    type: HandlerType


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDeclaration:
    """A column of a declared type, or a field that extends an existing one (3.3.2, 3.3.3).

    ``edit`` says whether forms ask for it, None leaves it to them; ``minimum`` and ``maximum`` bound
    what they take; ``choices`` are the texts offered.
    """

    name: str
    column: ColumnDefinition
    label: str = ""
    edit: bool | None = None
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectTypeDeclaration:
    """One key of `object_types` (M-16, M-24): a class, fields, or both.

    Fields of a type that somebody else declares are an extension of it; of an unknown type, the
    columns of a new one. Which of the two is decided by the registry of types (M-25).
    """

    name: str
    class_path: CodePath | None = None
    fields: tuple[FieldDeclaration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesDeclaration:
    """One key of `pages`: how the pages of an own type show it; "", () and None: it does not say.

    ``title`` is the column that names a row, ``columns`` are those of the list. ``only`` are the
    pages that there are; None for all, () for none. ``view`` says who sees rows that belong to no
    group.
    """

    type: str
    label: str = ""
    plural: str = ""
    title: str = ""
    columns: tuple[str, ...] = ()
    sort: str = ""
    descending: bool = False
    only: tuple[PageName, ...] | None = None
    view: PageViewers | None = None

    @property
    def singular(self) -> str:
        """What people call one row: the label, or the type's name made readable."""
        return self.label or readable(self.type)

    @property
    def noun(self) -> str:
        """The same within a sentence: the label as it is, or the type's name in words."""
        return self.label or self.type.replace("_", " ")

    @property
    def many(self) -> str:
        """What people call the rows; a plain s is right for many."""
        return self.plural or f"{self.singular}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionDeclaration:
    """One key of `permissions` (M-29 to M-36); None means that the manifest does not say.

    ``permission`` is canonical (`system.x` or `group.x`; `blog.` reads as `group.`, R-10).
    ``is_of_seeing`` says that whoever sees a group holds it there; only what comes with pages says so.
    """

    permission: str
    label: str | LazyString | None = None
    group: str | None = None
    order: Decimal | None = None
    inherit_from: tuple[str, ...] = ()
    permitted_action: tuple[tuple[str, bool], ...] = ()
    display: bool | None = None
    is_of_seeing: bool = False

    @property
    def scope(self) -> Literal["system", "group"]:
        """Where it is granted: on the site, or in a group (M-34, M-35)."""
        return "system" if self.permission.startswith("system.") else "group"

    @property
    def title(self) -> str | LazyString:
        """The label, or the id made readable: ``system.create_blog`` -> ``Create blog``."""
        return self.label or readable(self.permission.partition(".")[2])

    @property
    def is_defining(self) -> bool:
        """Whether it gives a property that only the permission's owner may give (3.3.5)."""
        return any(
            given is not None for given in (self.label, self.group, self.order, self.display)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The default policy of each switch; a site admin may change it."""

    group: PolicyWord = "allowed"
    user: PolicyWord = "allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRequirement:
    """Another plugin, by code, that must be there; ``version`` is the least one, None for any."""

    code: str
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What is needed; of the portal, the least version and the last one that it was tried with."""

    portal_min: str | None = None
    portal_tested: str | None = None
    plugins: tuple[PluginRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDeclaration:
    """A link that a hook shows without any code (seed 001); ``url`` is as written."""

    hook: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDeclaration:
    """One setting (3.3.6). ``scope`` says where it can be set; ``default`` has the setting's type.

    ``minimum`` and ``maximum`` bound a number, or the length of a text in characters. ``choices``
    are pairs of value and label.
    """

    name: str
    type: SettingType = "string"
    default: SettingValue | None = None
    scope: tuple[Scope, ...] = ("site", "group")
    label: str = ""
    choices: tuple[tuple[SettingValue, str], ...] = ()
    secret: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CronDeclaration:
    """A task run on a schedule of five cron fields, in UTC."""

    task: CodePath
    schedule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDataDeclaration:
    """A table that holds data about people, and its column that says about whom."""

    table: str
    user_column: str

    @property
    def place(self) -> str:
        """Both, as table.column."""
        return f"{self.table}.{self.user_column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeFunction:
    """A function of a schema upgrade (3.3.4).

    With ``version_limit`` it runs when the recorded schema is below that, without on the first
    installation only; lower ``priority`` first.
    """

    name: str
    handler: CodePath
    version_limit: str | None = None
    priority: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A plugin as its two files describe it, every rule kept.

    ``scope`` is None when it is to be derived from the hooks (`scopes_for`); ``personal_data`` is
    None when nothing is said and () when the author says that there is none. ``raw`` is config.yml
    as read, every scalar text: what lifecycle callbacks get (E-35).
    """

    name: str
    code: str
    handle: str
    version: str
    release: str = ""
    author: str = ""
    description: str = ""
    license: str = ""
    homepage: str = ""
    class_path: CodePath | None = None
    event: str | None = None
    service: tuple[CodePath, ...] = ()
    form: tuple[CodePath, ...] = ()
    orm_paths: tuple[str, ...] = ()
    migration_paths: tuple[str, ...] = ()
    schema_version: str | None = None
    object_types: tuple[ObjectTypeDeclaration, ...] = ()
    pages: tuple[PagesDeclaration, ...] = ()
    permissions: tuple[PermissionDeclaration, ...] = ()
    scope: tuple[Scope, ...] | None = None
    policy: Policy = field(default_factory=Policy)
    requires: Requirements = field(default_factory=Requirements)
    links: tuple[LinkDeclaration, ...] = ()
    settings: tuple[SettingDeclaration, ...] = ()
    cron: tuple[CronDeclaration, ...] = ()
    provides: tuple[str, ...] = ()
    personal_data: tuple[PersonalDataDeclaration, ...] | None = None
    writes: tuple[str, ...] = ()
    upgrade_functions: tuple[UpgradeFunction, ...] = ()
    handlers: tuple[HandlerDeclaration, ...] = ()
    raw: Mapping[str, object] = field(default_factory=dict, hash=False)
    warnings: tuple[Fault, ...] = ()
