"""Good archives of all three kinds: what is read from them, and that nothing else is needed."""

import gzip
import hashlib
import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from portal.pluginengine.archive import ArchiveFile, ArchiveRefused, contents, read_archive
from tests.pluginengine.archives import (
    FILES,
    PACKERS,
    tar_member,
    tar_of,
    tarred,
    zip_member,
    zip_of,
    zipped,
)

ALL = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)


@ALL
def test_a_plugin_at_the_root_is_read(pack):
    data = pack(FILES)
    archive = read_archive(data)
    assert archive.sha256 == hashlib.sha256(data).hexdigest()
    assert archive.top == ""
    assert archive.manifest.code == "Probe"
    assert archive.unpacked == sum(map(len, FILES.values()))
    assert {path: b"".join(chunks) for path, chunks in archive.contents()} == FILES


@ALL
def test_one_folder_around_the_plugin_is_stripped(pack):
    archive = read_archive(pack({f"probe-1.0/{path}": content for path, content in FILES.items()}))
    assert archive.top == "probe-1.0"
    assert [each.path for each in archive.files] == sorted(FILES)
    assert archive.read("plugin.py") == FILES["plugin.py"]


@ALL
def test_each_file_is_listed_with_size_and_digest(pack):
    listed = {each.path: each for each in read_archive(pack(FILES)).files}
    content = FILES["plugin.py"]
    assert listed["plugin.py"] == ArchiveFile(
        path="plugin.py", size=len(content), sha256=hashlib.sha256(content).hexdigest()
    )


@ALL
@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX/._plugin.py",
        ".DS_Store",
        "static/.DS_Store",
        "._plugin.py",
        ".git/HEAD",
        "__pycache__/plugin.cpython-311.pyc",
        "plugin.pyc",
        "templates/Thumbs.db",
    ],
)
def test_what_is_packed_by_accident_is_skipped(pack, name):
    archive = read_archive(pack({**FILES, name: b"x"}))
    assert archive.skipped == (name,)
    assert [each.path for each in archive.files] == sorted(FILES)


@ALL
def test_what_finder_adds_is_no_second_top_folder(pack):
    files = {f"probe/{path}": content for path, content in FILES.items()}
    assert read_archive(pack({**files, "__MACOSX/probe/._plugin.py": b"x"})).top == "probe"


def test_the_second_pass_needs_only_bytes_top_and_paths():
    data = zipped({f"top/{path}": content for path, content in FILES.items()})
    found = {path: b"".join(chunks) for path, chunks in contents(data, "top", ["plugin.py"])}
    assert found == {"plugin.py": FILES["plugin.py"]}


def test_a_file_that_the_plugin_has_not_is_a_key_error():
    with pytest.raises(KeyError):
        read_archive(zipped(FILES)).read("absent.py")


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read(kind):
    name = "static/" + "n" * 120 + "/" + "m" * 60 + ".css"
    archive = read_archive(tarred({**FILES, name: b"x"}, kind=kind))
    assert archive.read(name) == b"x"


def test_a_tar_of_the_seventh_edition_has_no_magic_and_is_read():
    data = bytearray(tarred({"config.yml": FILES["config.yml"]}, kind=tarfile.USTAR_FORMAT))
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert read_archive(bytes(data)).manifest.code == "Probe"


def test_what_tar_packs_from_inside_the_folder_is_read():
    members = [(tar_member(".", tarfile.DIRTYPE), b"")]
    members += [(tar_member(f"./{name}"), content) for name, content in FILES.items()]
    assert [each.path for each in read_archive(tar_of(*members)).files] == sorted(FILES)


def test_what_the_tar_and_gzip_programs_write_is_read(tmp_path: Path):
    folder = tmp_path / "probe"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    packed = subprocess.run(
        ["tar", "-czf", "-", "probe"], cwd=tmp_path, check=True, capture_output=True
    ).stdout
    assert [each.path for each in read_archive(packed).files] == sorted(FILES)


def test_what_git_archive_writes_is_read():
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", pax_headers={"comment": "0" * 40}) as archive:
        for name, content in FILES.items():
            member = tar_member(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    assert read_archive(gzip.compress(target.getvalue())).manifest.code == "Probe"


def test_a_zip_written_to_a_pipe_has_its_sizes_behind_the_contents_and_is_read():
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.written = b""

        def writable(self):
            return True

        def write(self, data):
            self.written += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    assert [each.path for each in read_archive(pipe.written).files] == sorted(FILES)


def test_folders_may_be_listed_and_a_comment_may_stand():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.comment = b"packed on a Friday"
        for name in ("static/", "templates/", "templates/probe/"):
            archive.writestr(zip_member(name, mode=0o40755), b"")
        for name, content in FILES.items():
            archive.writestr(name, content)
    assert [each.path for each in read_archive(target.getvalue()).files] == sorted(FILES)


def test_names_outside_ascii_are_kept():
    name = "static/größe–☃.css"
    for pack in PACKERS.values():
        assert read_archive(pack({**FILES, name: b"x"})).read(name) == b"x"


def test_faults_of_the_manifest_are_told_with_those_of_the_archive():
    files = {**FILES, "config.yml": b"name: Probe\ncode: a-b\n", "CON.txt": b"x"}
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(zipped(files))
    told = [(fault.file, fault.key or fault.value) for fault in refused.value.faults]
    assert told == [("archive", "CON.txt"), ("config.yml", "code"), ("config.yml", "version")]


def test_event_yml_is_judged_with_the_manifest():
    files = {**FILES, "event.yml": b"groupmenu:\n- {handler: tab, type: normal}\n"}
    with pytest.raises(ArchiveRefused, match=r"event\.yml, groupmenu"):
        read_archive(zipped(files))


def test_paths_that_the_manifest_names_are_looked_for_in_the_archive():
    config = FILES["config.yml"] + b"migration.path: [history]\n"
    with pytest.raises(ArchiveRefused, match="does not hold this path"):
        read_archive(zipped({**FILES, "config.yml": config}))
    archive = read_archive(zipped({**FILES, "config.yml": config, "history/a.py": b""}))
    assert archive.manifest.migration_paths == ("history",)


def test_a_proven_owner_may_have_the_handle_allocated_to_it():
    config = b"name: Hello\ncode: helloworld\nversion: '1.0'\n"
    with pytest.raises(ArchiveRefused, match="allocated"):
        read_archive(zipped({"config.yml": config}))
    assert read_archive(zipped({"config.yml": config}), owner="portal").manifest.handle


def test_stored_contents_are_read_as_well_as_deflated_ones():
    members = [(zip_member(name, method=8), content) for name, content in FILES.items()]
    assert read_archive(zip_of(*members)).files == read_archive(zipped(FILES, method=0)).files
