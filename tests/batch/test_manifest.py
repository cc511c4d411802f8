"""The record survives a killed run, a partial run and a unit that is gone."""

from __future__ import annotations

from tylib.batch.manifest import Manifest, Row


def row(unit="county:01", language="zh", **values):
    return Row(**{
        "unit": unit, "language": language, "notebook": "90", "page": "p", "status": "ok", "seconds": 1.0,
        "inputs": "i", "error": "", "log": "l", "sha256": "s", "numbers": ({"label": "人", "figure": "3"},), **values,
    })  # fmt: skip


def test_rows_come_back_as_they_went(tmp_path):
    Manifest(tmp_path).append(row())
    assert list(Manifest(tmp_path).rows.values()) == [row()]


def test_a_later_row_of_a_brief_replaces_the_earlier(tmp_path):
    manifest = Manifest(tmp_path)
    manifest.append(row(seconds=1.0))
    manifest.append(row(seconds=2.0))
    assert [r.seconds for r in Manifest(tmp_path).rows.values()] == [2.0]


def test_half_a_line_of_a_killed_run_is_passed_over(tmp_path):
    manifest = Manifest(tmp_path)
    manifest.append(row("county:01"))
    with manifest.path.open("ab") as file:
        file.write(b'{"unit":"county:02","lang')
    manifest.append(row("county:03"))
    assert [r.unit for r in Manifest(tmp_path).rows.values()] == ["county:01", "county:03"]


def test_a_partial_run_keeps_other_rows_in_the_order_of_the_city(tmp_path):
    first = Manifest(tmp_path)
    for unit in ("county:02", "county:01", "county:gone"):
        first.append(row(unit))
    second = Manifest(tmp_path)
    second.append(row("county:02", seconds=9.0))
    second.settle(["county:01", "county:02"])
    assert [(r.unit, r.seconds) for r in Manifest(tmp_path).rows.values()] == [("county:01", 1.0), ("county:02", 9.0)]
    assert len(second.path.read_bytes().splitlines()) == 2


def test_two_runs_at_once_keep_each_other(tmp_path):
    one, two = Manifest(tmp_path), Manifest(tmp_path)
    one.append(row("county:01"))
    two.append(row("county:02"))
    one.settle(["county:01", "county:02"])
    assert len(Manifest(tmp_path).rows) == 2


def test_a_row_of_another_edition_is_read_as_far_as_it_goes(tmp_path):
    line = row().line().replace(b'"seconds"', b'"took"')
    (tmp_path / "manifest.jsonl").write_bytes(line + row("county:02").line().replace(b"{", b'{"new":1,', 1))
    assert [r.unit for r in Manifest(tmp_path).rows.values()] == ["county:02"]
