"""Form extensions as `form:` names them: what is read off the class, and what is refused (E-21)."""

from __future__ import annotations

import textwrap
from types import ModuleType

import pytest
from sqlalchemy import MetaData

from portal.accounts.models import User
from portal.groups.models import Group
from portal.pluginengine.columns import parse_column
from portal.pluginengine.errors import LoadError
from portal.pluginengine.formextensions import CoreForm, LoadedExtension, make_extensions
from portal.pluginengine.manifest import CodePath, FieldDeclaration, ObjectTypeDeclaration
from portal.pluginengine.objecttypes.extending import extension_of
from portal.pluginengine.objecttypes.values import CoreType, PluginTypes
from portal.pluginengine.plugin import Plugin

USER, GROUP = CoreType(name="user", model=User), CoreType(name="group", model=Group)
FORMS = {
    each.name: each
    for each in (
        CoreForm(name="registration", core=USER),
        CoreForm(name="profile", core=USER),
        CoreForm(name="group_information", core=GROUP),
    )
}
IMPORTS = """
from wtforms import SelectField, StringField
from portal.pluginapi import FormExtension
"""


def _types() -> PluginTypes:
    columns = {"badge": "string(20)", "room": "string(8)", "seen_at": "timestamp"}
    fields = tuple(
        FieldDeclaration(name=name, column=parse_column(text)) for name, text in columns.items()
    )
    declared = ObjectTypeDeclaration(name="user", fields=fields)
    return PluginTypes(extensions=(extension_of("probe", USER, declared, MetaData()),))


def made(code: str, *names: str) -> tuple[LoadedExtension, ...]:
    """Load classes out of the text of a forms.py."""
    module = ModuleType("forms")
    exec(textwrap.dedent(IMPORTS) + textwrap.dedent(code), vars(module))
    paths = [CodePath(module="forms", name=name) for name in names]
    load = {"forms": module}.get
    return make_extensions("probe", paths, load, _types(), Plugin(), FORMS)


def test_names_and_inputs_of_wtforms_become_fields_in_the_order_in_which_they_stand() -> None:
    code = """
        class Badge(FormExtension):
            extends = "registration", "profile"
            fields = {"badge": {"required": True, "description": "On your door"}}
            room = StringField("Room")
    """
    (badge,) = made(code, "Badge")
    assert badge.forms == ("registration", "profile")
    assert [(each.name, each.required, each.description) for each in badge.fields] == [
        ("badge", True, "On your door"),
        ("room", False, ""),
    ]
    assert badge.fields[0].given is None
    assert badge.fields[1].given is not None
    assert isinstance(badge.extension.plugin, Plugin)


FAULTS = {
    "no such class": ("", "no such class that extends FormExtension"),
    "another class": ("class Badge: extends = 'profile'", "no such class that extends"),
    "no form": ("class Badge(FormExtension): fields = ['badge']", "names no form under extends"),
    "no field": ("class Badge(FormExtension): extends = 'profile'", "no field to add to it"),
    "an unknown form": (
        "class Badge(FormExtension):\n  extends = 'login'\n  fields = ['badge']",
        "There is no form login. There are: group_information, profile, registration.",
    ),
    "a field that is not declared": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  fields = ['real_name']",
        "and real_name is none. Declare it under object_types",
    ),
    "a field of another type": (
        "class Badge(FormExtension):\n  extends = 'group_information'\n  fields = ['badge']",
        "adds to the type group, and badge is none",
    ),
    "an input for no declared field": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  status = StringField()",
        "and status is none",
    ),
    "what has no input": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  fields = ['seen_at']",
        "no input for a timestamp, as seen_at is one",
    ),
    "a text for a list": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  fields = 'badge'",
        "fields is a list of names",
    ),
    "unknown options": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  fields = {'badge': {'requird': 1}}",
        "Options of the field badge are required and description",
    ),
    "options that are none": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  fields = {'badge': True}",
        "Options of the field badge",
    ),
    "a field twice": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  fields = ['badge']\n  badge = StringField()",
        "badge has an input of its own, too",
    ),
    "an input under another name": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  badge = StringField(name='password')",
        "The input badge is called by another name",
    ),
    "an input with an id": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  badge = StringField(id='email')",
        "The input badge is called by another name",
    ),
    "a name that is taken": (
        "class Badge(FormExtension):\n  extends = 'profile'\n  check = StringField()",
        "or by one that is taken",
    ),
}


@pytest.mark.parametrize(("code", "rule"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_extend_a_form_is_refused_by_file_class_and_rule(code: str, rule: str) -> None:
    with pytest.raises(LoadError) as refused:
        made(code, "Badge")
    assert refused.value.cause.startswith("forms.py, Badge: ")
    assert rule in refused.value.cause


def test_two_extensions_do_not_ask_for_the_same_field_on_one_form() -> None:
    code = """
        class One(FormExtension):
            extends = "registration", "profile"
            fields = ["badge"]

        class Two(FormExtension):
            extends = "profile"
            fields = ["badge"]

        class Other(FormExtension):
            extends = "profile"
            fields = ["room"]
    """
    assert len(made(code, "One", "Other")) == 2
    with pytest.raises(LoadError, match="One has the field badge on the form profile already"):
        made(code, "One", "Two")


def test_a_missing_file_is_told() -> None:
    paths = [CodePath(module="forms", name="Badge")]
    with pytest.raises(LoadError, match=r"forms\.py, Badge"):
        make_extensions("probe", paths, lambda name: None, _types(), Plugin(), FORMS)
