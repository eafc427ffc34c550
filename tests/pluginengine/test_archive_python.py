"""Python files of an archive are compiled, not run, before anything is written (2.3.3, Install, step 2)."""

from random import Random

import pytest

from portal.pluginengine.archive import ArchiveRefused, read_archive
from portal.pluginengine.archive.python import LONGEST_PYTHON
from tests.pluginengine.archives import FILES, PACKERS, also, zipped


def faults_of(data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(data)
    return [(fault.value, fault.rule) for fault in refused.value.faults]


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_every_faulty_file_is_named_with_its_line(pack):
    files = {**FILES, "plugin.py": b"x = 1\ndef (:\n", "deep/er.py": b"return 3\n"}
    told = dict(faults_of(pack(files)))
    assert set(told) == {"plugin.py", "deep/er.py"}
    assert "line 2: invalid syntax" in told["plugin.py"]
    assert "line 1: 'return' outside function" in told["deep/er.py"]


def test_faults_of_python_and_of_the_manifest_are_told_together():
    data = zipped({**FILES, "config.yml": b"name: Probe\ncode: Probe\n", "views.py": b"def"})
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(data)
    assert {fault.file for fault in refused.value.faults} == {"archive", "config.yml"}


@pytest.mark.parametrize(
    "source",
    [
        b"x = '\x00'",
        b"# -*- coding: no-such -*-\n",
        b"\xff\xfe",
        b"(" * 5000,
        b"x = " + b"-" * 200_000 + b"1",
        b"# " + Random(1).randbytes(LONGEST_PYTHON // 2).hex().encode(),
    ],
    ids=["a zero byte", "an unknown coding", "not UTF-8", "brackets", "depth", "length"],
)
def test_what_cannot_be_compiled_is_refused_with_a_sentence(source):
    ((name, rule),) = faults_of(also("views.py", source))
    assert name == "views.py"
    assert rule.endswith(".")


def test_what_compiles_is_not_run():
    data = also("views.py", b"raise SystemExit(3)\nassert '\\d'\n")
    assert "views.py" in {each.path for each in read_archive(data).files}


def test_other_files_are_not_compiled():
    assert read_archive(also("static/probe.py.txt", b"def (:")).manifest.code == "Probe"
