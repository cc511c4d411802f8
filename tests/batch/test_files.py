"""Files are whole or not there; a hash sees every byte and no order of the disk."""

from __future__ import annotations

import errno
import os

import pytest

from tylib.batch.files import alone, fingerprint, sweep, write_together
from tylib.errors import RunError


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


def test_a_folder_has_one_writer_at_a_time_and_names_it(tmp_path):
    told = rf"another run is writing there \(process {os.getpid()}.*--reports"
    with alone(tmp_path), pytest.raises(RunError, match=told), alone(tmp_path):
        pass
    with alone(tmp_path):  # given back
        pass


def test_what_killed_writers_left_is_swept_away(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / ".page.html.123.part").write_bytes(b"half")
    (tmp_path / "in" / "page.html").write_bytes(b"whole")
    sweep(tmp_path)
    assert files_below(tmp_path / "in") == ["page.html"]
