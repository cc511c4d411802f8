"""Shards make every brief once; joined they are the folder that one run would have made; what is damaged stays out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tylib.batch.manifest import Manifest
from tylib.batch.merging import merge
from tylib.batch.plan import shard
from tylib.batch.runner import run
from tylib.errors import ParameterError

pytestmark = pytest.mark.usefixtures("one_process")


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in (".html", ".ipynb", ".js", ".css")
    }


def sharded(city, todo, engine, tmp_path, **options):
    """Two shards, each in a folder of its own."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for number, folder in enumerate(folders, 1):
        own = replace(city, reports=folder)
        run(shard(todo, f"{number}/2"), own, execute=engine, languages=["zh", "en"], **options)
    return folders


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2", ""])
def test_what_is_no_shard_is_refused(todo, part):
    with pytest.raises(ParameterError, match="shard"):
        shard(todo, part)


@pytest.mark.parametrize("shared", [False, True])
def test_joined_shards_are_what_one_run_makes(city, todo, engines, tmp_path, shared):
    folders = sharded(city, todo, engines.answer, tmp_path, shared=shared)
    merged = merge(folders, city, spoken=["zh", "en"])
    assert (len(merged.rows), merged.taken, merged.damaged) == (4, 4, ())
    whole = replace(city, reports=tmp_path / "whole")
    run(todo, whole, execute=engines.answer, languages=["zh", "en"], shared=shared)
    assert files(city.reports) == files(whole.reports)


def test_a_brief_that_was_made_goes_before_one_that_failed_whatever_the_order(city, todo, engines, tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    run(todo, replace(city, reports=good), execute=engines.answer)
    run(todo, replace(city, reports=bad), execute=engines.fail_on_south)
    for folders in ([good, bad], [bad, good]):
        merged = merge(folders, replace(city, reports=tmp_path / folders[0].name / "joined"))
        assert {row.status for row in merged.rows} == {"ok"}
    merged = merge([bad], city)
    assert sorted(row.status for row in merged.rows) == ["failed", "failed", "ok", "ok"]
    assert (city.reports / "failures" / "zh" / "county-009902.html").is_file()


def test_a_damaged_page_and_a_record_with_paths_of_its_own_stay_out(city, todo, engines, tmp_path):
    folder = tmp_path / "one"
    run(todo, replace(city, reports=folder), execute=engines.answer)
    (folder / todo[0].page).write_text("x", encoding="utf-8")
    evil = replace(Manifest(folder).rows[todo[1].notebook, todo[1].language, todo[1].unit], log="../../evil")
    Manifest(folder).append(evil)
    merged = merge([folder], city)
    assert merged.damaged == (f"{todo[0].unit} {todo[0].language} in {folder}",)
    assert len(merged.rows) == 2


def test_what_is_no_reports_folder_is_refused(city, tmp_path):
    with pytest.raises(ParameterError, match="no reports folder"):
        merge([tmp_path], city)
