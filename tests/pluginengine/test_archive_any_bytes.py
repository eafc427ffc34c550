"""Whatever the bytes are, an archive is read or refused; nothing else is ever raised."""

import gzip

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.pluginengine.archive import ArchiveLimits, ArchiveRefused, read_archive
from tests.pluginengine.archives import (
    FILES,
    PACKERS,
    tar_member,
    tar_of,
    with_config,
    zip_member,
    zipped,
)

LIMITS = ArchiveLimits(packed=100_000, entries=20, unpacked=200_000, file=100_000)
GOOD = [pack(FILES) for pack in PACKERS.values()] + [zipped(FILES, method=0)]
MAGIC = st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08\0", b"BZh9", b"Rar!\x1a\x07"])
NAMES = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="./\\:aA\0é\u0301 ", max_size=12),
    st.sampled_from(sorted(FILES)),
)
RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(data: bytes) -> None:
    try:
        archive = read_archive(data, limits=LIMITS)
    except ArchiveRefused as error:
        refused = error
    else:
        read = {path: len(b"".join(chunks)) for path, chunks in archive.contents()}
        assert {each.path: each.size for each in archive.files} == read
        return
    assert refused.faults
    assert all(str(fault) for fault in refused.faults)


@given(MAGIC, st.binary(max_size=2000))
@RELAXED
def test_any_bytes(magic: bytes, rest: bytes) -> None:
    check(magic + rest)


@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6),
)
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_a_good_archive_with_bytes_changed(good: bytes, changes: list[tuple[int, int]]) -> None:
    data = bytearray(good)
    for place, value in changes:
        data[place % len(data)] = value
    check(bytes(data))


@given(st.sampled_from(GOOD), st.integers(0, 10**6), st.integers(0, 600), st.binary(max_size=40))
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_a_good_archive_with_a_stretch_replaced(
    good: bytes, place: int, length: int, new: bytes
) -> None:
    place %= len(good)
    check(good[:place] + new + good[place + length :])


@given(
    st.lists(st.tuples(st.integers(0, 2047), st.integers(0, 255)), min_size=1, max_size=8),
)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_a_tar_with_changed_headers_whose_sums_are_right(changes: list[tuple[int, int]]) -> None:
    data = bytearray(PACKERS["tar"](FILES))
    for place, value in changes:
        data[place] = value
    for block in (0, 1024):
        data[block + 148 : block + 156] = b" " * 8
        data[block + 148 : block + 156] = b"%06o\0 " % sum(data[block : block + 512])
    check(bytes(data))
    check(gzip.compress(data, 1))


@given(st.lists(NAMES, max_size=5))
@RELAXED
def test_any_names(names: list[str]) -> None:
    writable = [name for name in names if _is_writable(name)]
    check(with_config(*((zip_member(name), b"x") for name in writable)))
    members = [(tar_member(name or "x"), b"x") for name in names]
    check(tar_of(*members))


@given(st.binary(max_size=300), st.none() | st.binary(max_size=300))
@RELAXED
def test_any_manifest_bytes(config: bytes, event: bytes | None) -> None:
    files = {"config.yml": config} | ({} if event is None else {"event.yml": event})
    check(zipped(files))


def _is_writable(name: str) -> bool:
    """Tell whether Python's zipfile can write the name: not empty, no lone surrogates."""
    return bool(name) and not any("\ud800" <= character <= "\udfff" for character in name)
