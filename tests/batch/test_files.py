"""Files are whole or not there; a hash sees every byte and no order of the disk."""

from __future__ import annotations

import errno
import os

import pytest

from tylib.batch.files import fingerprint, write_together


def files_below(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_folders_are_made_and_nothing_else_is_left(tmp_path):
    write_together({tmp_path / "a" / "b.html": b"x", tmp_path / "c.ipynb": b"y"})
    assert (tmp_path / "a" / "b.html").read_bytes() == b"x"
    assert files_below(tmp_path) == ["b.html", "c.ipynb"]


def test_a_full_disk_leaves_both_files_as_they_were(tmp_path, monkeypatch):
    one, two = tmp_path / "one", tmp_path / "two"
    write_together({one: b"old", two: b"old"})
    synced = []

    def fill_up(number):
        synced.append(number)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", fill_up)
    with pytest.raises(OSError, match="No space"):
        write_together({one: b"new", two: b"new"})
    assert (one.read_bytes(), two.read_bytes()) == (b"old", b"old")
    assert files_below(tmp_path) == ["one", "two"]


def test_written_files_can_be_read_by_others(tmp_path):
    mask = os.umask(0o022)
    try:
        write_together({tmp_path / "page": b""})
    finally:
        os.umask(mask)
    assert (tmp_path / "page").stat().st_mode & 0o444 == 0o444


def test_the_hash_sees_names_and_bytes_but_no_caches(tmp_path):
    folder = tmp_path / "data"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "a.csv").write_bytes(b"1")
    first = fingerprint(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"2")
    (folder / "in" / ".a.csv.part").write_bytes(b"3")
    assert fingerprint(folder) == first
    (folder / "in" / "a.csv").rename(folder / "in" / "b.csv")
    renamed = fingerprint(folder)
    (folder / "in" / "b.csv").write_bytes(b"2")
    assert len({first, renamed, fingerprint(folder)}) == 3
    assert fingerprint(folder, tmp_path / "absent") == fingerprint(folder)
