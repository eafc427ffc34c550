"""The forms that an archive's plugin extends, told before anything of it runs (E-21)."""

from pathlib import Path

import pytest

from portal.pluginengine.archive import read_archive
from portal.siteadmin.previewforms import extended_forms
from tests.fixtures.plugins import pack, write_plugin

TYPES = {"schema_version": 1, "object_types": {"user": {"badge": "string(8)"}}}


@pytest.mark.parametrize(
    ("extends", "forms"),
    [
        ('"registration"', ("registration",)),
        ('("registration", "profile")', ("registration", "profile")),
        ('["profile", "profile"]', ("profile",)),
        ('tuple(name for name in ["profile"])', ("Badge",)),
        ("7", ("Badge",)),
    ],
)
def test_forms_are_read_off_the_class(tmp_path: Path, extends: str, forms: tuple[str, ...]) -> None:
    code = f"raise SystemExit\n\n\nclass Badge:\n    extends = {extends}\n"
    config = {**TYPES, "form": ["Badge"]}
    folder = write_plugin(tmp_path, "probe", config=config, files={"forms.py": code})
    assert extended_forms(read_archive(pack(folder))) == forms


def test_a_class_that_is_not_there_stands_with_its_name(tmp_path: Path) -> None:
    config = {**TYPES, "form": ["Badge", "more.forms:Other"]}
    folder = write_plugin(tmp_path, "probe", config=config, files={"forms.py": "x = 1\n"})
    assert extended_forms(read_archive(pack(folder))) == ("Badge", "Other")


def test_a_plugin_that_extends_none_names_none(tmp_path: Path) -> None:
    assert extended_forms(read_archive(pack(write_plugin(tmp_path, "probe")))) == ()
