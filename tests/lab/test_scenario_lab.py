"""The scenario lab without a screen: what it shows is what commands and briefs say, what it keeps comes back whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from tylib import lab, scenario
from tylib.brief.context import Context
from tylib.brief.upgrade import part
from tylib.errors import ParameterError
from tylib.lab import exploring, takeout, views
from tylib.lab.state import State, begun, content, pulled, strength
from tylib.store import scenarios as files
from tylib.store.saved import export, save_scenario

NAME = "eight_half"


@pytest.fixture(scope="module")
def unit(city):
    return next(unit for unit in scenario.ensemble(city).units if unit.startswith("county:"))


@pytest.fixture(scope="module")
def opened(city, unit):
    """Settled, in English."""
    found = lab.explore(unit, NAME, language="en", city=city)
    found.settle()
    return found


@pytest.fixture
def moved(opened):
    """The same, that a test may move."""
    before, kept, seen = opened.state, list(opened.kept), opened.seen
    yield opened
    opened.kept, opened.state, opened.seen = kept, before, seen
    opened.scales = opened._scales_of(before)


@pytest.fixture
def own(city, tmp_path, opened):
    """The same baselines with an empty home."""
    return exploring.Ground(replace(city, home=tmp_path), opened.ground.known)


# What is seen.


def test_the_lab_says_what_the_command_line_says(opened, city, unit):
    said = scenario.answer(scenario.setting(NAME, city, closure="supply"), unit)
    seen = opened.seen
    assert seen.total == pytest.approx(said["total_effect"], abs=1e-12)
    assert seen.path[-1] == pytest.approx(said["total_effect"], abs=1e-9)
    assert list(seen.years) == said["years"][-len(seen.years) :]
    for end in ("low", "median", "high"):
        assert seen.fan[end].to_list() == pytest.approx(said[end][-len(seen.years) :], abs=1e-12)
    assert seen.levers["value"].to_list() == pytest.approx([row["value"] for row in said["attribution"]], abs=1e-12)
    assert seen.fan["support"][-1] == said["support"]["share"]


def test_a_moved_lever_says_what_an_overridden_scenario_says(moved, city, unit):
    moved.set(levers={"digital": 0.9, "green": 0.0}, closure="demand", horizon=2028, outcome="carbon")
    changed = {"levers": {"digital": 0.9, "green": 0.0}, "horizon": 2028}
    said = scenario.answer(scenario.setting(NAME, city, closure="demand", overrides=changed), unit, outcome="carbon")
    seen = moved.settle(sentences=False)
    assert seen.total == pytest.approx(said["total_effect"], abs=1e-12)
    assert seen.fan["median"].to_list() == pytest.approx(said["median"][-len(seen.years) :], abs=1e-12)


def test_the_sentences_are_those_of_the_brief(opened, city, unit):
    context = Context.of(unit, language="en", city=city)
    brief = str(part(context).html())
    told = str(views.sentences(opened.context, opened.seen))
    heading, points = told.removeprefix("<p><b>").split("</b></p>", 1)
    assert heading in brief and points in brief and points.count("<li>") >= 5


def test_levers_and_counties_are_told_of_the_year_in_focus(moved, city):
    moved.set(years=(2025, 2027), places=(moved.ground.tiles[0]["place"],))
    earlier = scenario.setting(NAME, city, closure="supply", overrides={"horizon": 2027})
    parts = scenario.attribution(earlier, units=[moved.state.unit])
    assert moved.seen.levers["value"].to_list() == pytest.approx(parts["value"].to_list(), abs=1e-12)
    assert moved.seen.total == pytest.approx(moved.seen.at(moved.seen.path), abs=1e-9)
    assert moved.selection == {"years": (2025, 2027), "places": [moved.ground.tiles[0]["place"]]}
    assert list(moved.seen.picked) == [moved.ground.tiles[0]["unit"]]
    fan = views.picture(moved.context, moved.ground, moved.seen, moved.scales)["charts"]["fan"]
    name = moved.ground.tiles[0]["name_en"]
    assert {row["series"] for row in fan["lines"]} >= {name}


def test_until_draws_come_the_fan_moves_with_the_centre_and_is_marked_stale(opened):
    seen = exploring.point(opened.ground, pulled(opened.state, "research", 1.0))
    carried = exploring.carried(seen, opened.seen)
    assert carried.stale and carried.shown is opened.seen.shown
    shift = seen.path - opened.seen.path
    assert carried.fan["low"].to_list() == pytest.approx((opened.seen.fan["low"].to_numpy() + shift).tolist())
    same = exploring.carried(exploring.point(opened.ground, replace(opened.state, years=(2025, 2028))), opened.seen)
    assert not same.stale and same.fan["low"].equals(opened.seen.fan["low"])
    other = exploring.carried(exploring.point(opened.ground, replace(opened.state, closure="demand")), opened.seen)
    assert other.fan is None and other.shown is None


def test_axes_stand_while_levers_move(opened):
    for to in (0.0, 0.4, 1.0):
        state = replace(opened.state, levers=dict.fromkeys(scenario.LEVERS, to))
        drawn = exploring.drawn(opened.ground, exploring.point(opened.ground, state), draws=100)
        needed = views.scales(opened.context, drawn)
        assert opened.scales.fan.ticks[0] <= needed.fan.ticks[0] and needed.fan.ticks[-1] <= opened.scales.fan.ticks[-1]


def test_every_kind_of_unit_and_both_languages_have_a_whole_picture(city, opened):
    kinds = {unit.partition(":")[0]: unit for unit in opened.ground.known.units}
    assert set(kinds) == {"city", "county", "town", "chain"}
    for unit in kinds.values():
        for language in ("zh", "en"):
            context = Context.of(unit, language=language, city=city)
            seen = exploring.point(opened.ground, begun(unit, NAME, city))
            found = views.picture(context, opened.ground, seen, views.scales(context, seen))
            assert len(found["charts"]["levers"]["labels"]) == len(scenario.LEVERS) + 1
            assert len(found["charts"]["tiles"]["full"]) == len(opened.ground.counties)
            assert context.name in str(found["html"]["headline"])


def test_text_of_data_is_escaped(opened, city):
    evil = replace(opened.context, row={**opened.context.row, "name_en": "<img src=x onerror=alert(1)>"})
    found = views.picture(evil, opened.ground, opened.seen, opened.scales)
    texts = "".join(str(text) for text in found["html"].values())
    assert "<img" not in texts and "&lt;img" in texts


# Levers.


def test_a_lever_by_year_keeps_its_course(city):
    state = begun("city:x", "equipment_renewal", city)
    course = state.levers["renewal"]
    half = pulled(state, "renewal", strength(course) / 2).levers["renewal"]
    assert half == {year: pytest.approx(value / 2) for year, value in course.items()}
    assert pulled(state, "digital", 0.3).levers["digital"] == 0.3


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"closure": "suply"}, "supply"), ({"outcome": "jobs"}, "labour"), ({"levers": {"digitl": 1.0}}, "digital"),
     ({"levers": {"digital": 1.5}}, "0 to 1"), ({"horizon": 2050}, "2030"), ({"unit": "county:none"}, "county"),
     ({"colour": "red"}, "choice")],
)  # fmt: skip
def test_what_the_model_does_not_take_changes_nothing(opened, changes, word):
    before = opened.state
    with pytest.raises(ParameterError, match=word):
        opened.set(**changes)
    assert opened.state is before


def test_at_most_four_runs_stand_side_by_side(moved):
    for _ in range(views.MOST_KEPT):
        moved.keep()
    with pytest.raises(ParameterError, match="4 runs"):
        moved.keep()
    assert moved.clear().kept == []


# What is kept.


def test_a_saved_state_is_a_scenario_like_any_other(own):
    state = pulled(begun(own.known.units[0], "equipment_renewal", own.city), "research", 0.8)
    path = save_scenario("mine", content(state, own.city, title="T", question="Q?", reason="R"), own.city)
    assert path == own.city.home / "scenarios" / "mine.yml"
    found = files.scenario("mine", own.city)
    assert (found.title, found.note) == ({"zh": "T", "en": "T"}, {"zh": "R", "en": "R"})
    back = begun(state.unit, "mine", own.city)
    assert dict(back.levers) == dict(state.levers) and back.horizon == state.horizon
    # The priors that its beginning set otherwise go with it.
    assert found.parameters == files.scenario("equipment_renewal", own.city).parameters
    assert "mine" in scenario.listed(own.city)["scenario"]


@pytest.mark.parametrize(
    ("name", "texts", "word"),
    [("../mine", {}, "cannot be called"), ("Mine", {}, "cannot be called"), (NAME, {}, "of the suite"),
     ("taken", {}, "already"), ("mine", {"title": " "}, "no title"), ("mine", {"reason": ""}, "no reason")],
)  # fmt: skip
def test_what_cannot_be_saved_is_told_and_not_written(own, name, texts, word):
    state = begun(own.known.units[0], NAME, own.city)
    words = {"title": "T", "question": "Q?", "reason": "R"}
    save_scenario("taken", content(state, own.city, **words), own.city)
    before = sorted(own.city.home.rglob("*"))
    with pytest.raises(ParameterError, match=word):
        save_scenario(name, content(state, own.city, **{**words, **texts}), own.city)
    assert sorted(own.city.home.rglob("*")) == before


def test_a_wrong_content_is_refused_before_it_is_written(own):
    with pytest.raises(ParameterError, match="digital"):
        save_scenario("mine", {"title": "T", "question": "Q", "levers": {"digitl": 1}}, own.city)
    assert not (own.city.home / "scenarios").exists()


def test_numbers_leave_the_lab_as_they_are(opened, own):
    frame = opened.frame()
    assert frame.height == len(opened.seen.years) and frame["status"].unique().to_list() == ["scenario"]
    made = {form: takeout.made(opened.context, opened.seen, form) for form in ("csv", "parquet", "xlsx")}
    assert pl.read_parquet(BytesIO(made["parquet"])).equals(frame)
    assert pl.read_csv(made["csv"])["median"].to_list() == pytest.approx(frame["median"].to_list())
    rows = CalamineWorkbook.from_filelike(BytesIO(made["xlsx"])).get_sheet_by_index(0).to_python()
    high = rows[0].index("high")
    assert [row[high] for row in rows[1:]] == pytest.approx(frame["high"].to_list())
    path = export("a_name", "csv", made["csv"], own.city)
    assert path.read_bytes() == made["csv"] and path.parent == own.city.home / "exports"
    with pytest.raises(ParameterError, match="cannot be called"):
        export("../a", "csv", b"", own.city)
    with pytest.raises(ParameterError, match="csv"):
        export("a", "exe", b"", own.city)


def test_the_picture_leaves_the_lab_with_its_words(opened):
    svg = takeout.made(opened.context, opened.seen, "svg").decode()
    title = opened.context.words("lab.explore.levers.title", year=opened.state.focus)
    assert opened.context.words("status.scenario_means") in svg
    assert svg.startswith("<svg") and title in svg and "var(--" not in svg
    assert takeout.made(opened.context, opened.seen, "png").startswith(b"\x89PNG")


def test_where_no_widget_lives_a_picture_says_why(opened, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    monkeypatch.setenv("TYLIB_BATCH", "1")
    takeout.display(opened)
    assert set(shown[0]) == {"text/html", "text/plain"}
    assert opened.context.words("lab.explore.why_still")[:30] in shown[0]["text/html"]
    assert "data:image/svg+xml;base64," in shown[0]["text/html"]


def test_a_city_without_baselines_is_told_so(made_city):
    for path in made_city.data.rglob("constraints.csv"):
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="baseline"):
        exploring.ground(made_city)


def test_a_state_is_a_value():
    state = State("county:1", "baseline", {"digital": 0.5}, 2030)
    with pytest.raises(TypeError):
        state.levers["digital"] = 1.0


# What follows a move.


def test_of_states_that_follow_each_other_only_the_newest_is_worked_out(opened):
    import asyncio

    from tylib.lab.following import Follower

    async def moves() -> tuple[list, list]:
        seen, failed, now = [], [], [opened.state]
        follower = Follower(opened.ground, lambda: now[0], seen.append, failed.append)
        for to in (0.1, 0.2, 0.3, 0.4):
            now[0] = pulled(opened.state, "digital", to)
            follower.follow(exploring.point(opened.ground, now[0]))
            await asyncio.sleep(0.12)
        deadline = asyncio.get_running_loop().time() + 60
        while not (seen and seen[-1].shown) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
        return seen, failed

    # In a thread of its own: a test before may have left a loop running in this one.
    with ThreadPoolExecutor(max_workers=1) as thread:
        seen, failed = thread.submit(asyncio.run, moves()).result()
    assert failed == []
    last = [one for one in seen if one.state.levers["digital"] == 0.4]
    assert [one.few for one in last][:2] == [True, False] and last[-1].shown is not None
    assert not any(one.shown for one in seen if one.state.levers["digital"] != 0.4)


def test_work_for_a_state_that_is_gone_ends_between_blocks_of_draws(opened):
    from tylib.scenario import running

    class Gone(Exception):
        pass

    def refuse():
        raise Gone

    before = running.BETWEEN.set(refuse)
    try:
        with pytest.raises(Gone):
            exploring.drawn(opened.ground, exploring.point(opened.ground, opened.state))
    finally:
        running.BETWEEN.reset(before)


def test_a_slider_says_what_its_strength_comes_to_under_the_scenario(city, opened):
    from tylib.lab.controls import readout
    from tylib.scenario.levers import priors

    supposed, said = files.model(city), opened.context.words
    found = files.scenario("equipment_renewal", city)
    state = begun(opened.state.unit, "equipment_renewal", city)
    text = readout("renewal", state, said, supposed, priors(found, supposed))
    fixed = found.parameters[supposed.levers["renewal"].size]
    assert f"{100 * fixed:.3g}% (range {100 * fixed:.3g} to {100 * fixed:.3g})" in text
    assert "by year: 2024: 25%, 2027: 100%" in text and "100%" in text


# Kept runs, exports, years, other kinds of values.


def test_a_run_that_is_kept_keeps_its_own_name_and_years(moved):
    unit = moved.state.unit
    first, other = moved.context.name, next(u for u in moved.ground.counties if u != unit)
    moved.keep().set(unit=other, horizon=2027)
    card = views.card(moved.context_of(unit), moved.kept[0], moved.scales)
    assert first in str(card["html"]) and moved.context.name not in str(card["html"])
    assert max(row["year"] for row in card["chart"]["lines"]) == 2030
    made = views.specs(moved.context, moved.ground, moved.scales, moved.kept)["kept-0"]
    assert "2030" in str(made) and moved.context.name != first


def test_what_leaves_the_lab_is_of_all_draws_and_says_what_was_run(moved, city):
    moved.set(levers={"digital": 1.0, "research": 0.0})
    frame = moved.frame()
    overrides = {"levers": {"digital": 1.0, "research": 0.0}}
    said = scenario.answer(scenario.setting(NAME, city, overrides=overrides), moved.state.unit)
    assert frame["low"].to_list() == pytest.approx(said["low"][-frame.height :], abs=1e-12)
    assert frame["support"][-1] == said["support"]["share"]
    assert "digital=1 " in frame["levers"][0] and "research=0 " in frame["levers"][0]
    before = takeout.named(moved.state)
    assert takeout.named(pulled(moved.state, "green", 0.1)) != before
    assert takeout.named(replace(moved.state, closure="demand")) != before


def test_another_year_in_focus_is_drawn_again_before_it_counts_as_drawn(moved):
    moved.set(years=(2024, 2027))
    assert moved.seen.stage == "fan" and moved.seen.shown is not None
    counties = dict(moved.settle(sentences=False).counties)
    drawn = exploring.drawn(moved.ground, exploring.point(moved.ground, moved.state))
    assert counties == drawn.counties and moved.seen.stage == "told"


def test_years_are_put_in_order_and_inside_the_horizon(moved):
    assert moved.set(years=(2030, 2026)).state.years == (2026, 2030)
    assert moved.set(horizon=2026).state.years == (2026, 2026)
    assert moved.set(years=(2010, 2050)).state.years == (2024, 2026)


@pytest.mark.parametrize(
    "changes", [{"years": "x"}, {"years": (2025,)}, {"horizon": "2026"}, {"unit": 5}, {"levers": 5}, {"draws": "no"},
                {"places": ("nowhere",)}],
)  # fmt: skip
def test_another_kind_of_value_is_told_in_words(opened, changes):
    before = opened.state
    with pytest.raises(ParameterError):
        opened.set(**changes)
    assert opened.state is before


def test_another_scenario_begins_again(moved):
    moved.set(levers={"digital": 0.9})
    assert set(moved.set(scenario="baseline").state.levers.values()) == {0.0}
    assert moved.set(scenario="baseline", levers={"green": 0.2}).state.levers["green"] == 0.2


def test_bars_of_nothing_but_losses_are_drawn():
    from tylib.brief import charts

    frame = pl.DataFrame({"label": ["a", "b"], "upper": [-1.0, -1.0], "lower": [0.0, None], "upper_text": ["-1", "-1"],
                          "lower_text": ["0", "0"], "own": [True, False]})  # fmt: skip
    assert charts.paired(frame, unit="%", description="losses").to_dict()["height"] > 0
