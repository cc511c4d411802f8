"""The scenario lab in a real JupyterLab: moved by keyboard and mouse it agrees with the command line, keeps up, and
stays small; what is brushed and clicked comes back to Python; a saved state goes on as a scenario."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from tests.browser.jupyter import NOTEBOOK, ROOT

pytestmark = pytest.mark.browser

UNIT, MINE = "county:140121", "mine"
LIVE = "document.querySelector('.tylib-live')"
MOVES, TIMED, TRIES, FANS = 1000, 40, 5, 12
GATE = 150  # ms, median, for a machine that runs other tests as well

RUN = f"""async code => {{
    const kernel = {NOTEBOOK}.sessionContext.session.kernel, said = [];
    const future = kernel.requestExecute({{code, stop_on_error: true}});
    future.onIOPub = message => {{
        if (message.header.msg_type == "stream") said.push(message.content.text);
        if (message.header.msg_type == "error") said.push(message.content.evalue);
    }};
    await future.done;
    return said.join("");
}}"""
MOVE = f"""async ([lever, until]) => {{
    const live = {LIVE}, handle = document.querySelector(`.tylib-lever-${{lever}} .noUi-handle`);
    const value = Number(document.querySelector(`.tylib-lever-${{lever}} .noUi-target`).noUiSlider.get());
    if (value > 0.97) handle.dataset.down = "1";
    if (value < 0.03) delete handle.dataset.down;
    const key = handle.dataset.down ? "ArrowLeft" : "ArrowRight";
    const before = Number(live.dataset.seq), started = performance.now();
    handle.dispatchEvent(new KeyboardEvent("keydown", {{key, bubbles: true}}));
    return await new Promise((done, failed) => {{
        const timer = setTimeout(() => failed(new Error("no repaint")), 20000);
        const look = () => {{
            if (Number(live.dataset.seq) <= before || (until && live.dataset.stage != until)) return;
            watch.disconnect(); clearTimeout(timer);
            requestAnimationFrame(() => done(performance.now() - started));
        }};
        const watch = new MutationObserver(look);
        watch.observe(live, {{attributes: true}});
    }});
}}"""


@dataclass
class Scene:
    """The notebook with the lab on the screen."""

    opened: object

    @property
    def page(self):
        return self.opened.page

    def python(self, code: str) -> str:
        """What the kernel says to some code."""
        return self.page.evaluate(RUN, code)

    def settled(self) -> None:
        """Return once the draws and the sentences of the newest state are on the screen."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            self.page.wait_for_timeout(150)
            # Asked on the channel of the widgets' messages, so that what was done before was heard before.
            told, seq = self.python("print(opened.seen.stage, opened.painted)").split()
            if told == "told" and self.page.evaluate(f"{LIVE}.dataset.seq") == seq:
                return
        raise AssertionError("the lab does not come to rest")

    def text(self, slot: str) -> str:
        return self.page.locator(f".tylib-live [data-slot='{slot}']").inner_text()

    def box(self, slot: str) -> dict[str, float]:
        chart = self.page.locator(f".tylib-live [data-slot='{slot}'] svg").first
        chart.scroll_into_view_if_needed()
        return chart.bounding_box()

    def brush(self) -> float:
        """How wide the brush over the years is, in pixels."""
        return self.page.evaluate(
            "Math.max(0, ...[...document.querySelectorAll(\"[data-slot='fan'] [class*=years_brush] path\")]"
            ".map(path => path.getBBox().width))"
        )

    def reset(self) -> None:
        self.python("opened.clear().speak('zh').set(draws=True).reset()")
        self.settled()

    def numbers(self) -> dict[str, dict[str, str]]:
        """The table of numbers by year and column, as printed."""
        self.page.locator(".tylib-live details.numbers").evaluate("details => details.open = true")
        rows = self.page.locator(".tylib-live [data-slot='numbers'] tr").all()
        cells = [row.locator("th, td").all_inner_texts() for row in rows]
        return {row[0].strip(): dict(zip(cells[0], (cell.strip() for cell in row), strict=True)) for row in cells[1:]}


@pytest.fixture(scope="module")
def scene(jupyter_server):
    opened = jupyter_server("60", height=1200)
    seconds = opened.run_all()
    assert opened.stderr == [] and seconds < 60, (seconds, opened.stderr)
    opened.page.locator(".tylib-lab").first.scroll_into_view_if_needed()
    found = Scene(opened)
    found.settled()
    yield found
    assert (opened.errors, opened.foreign) == ([], [])
    jupyter_server.close()


@pytest.fixture
def fresh(scene):
    """The lab as it was opened."""
    scene.reset()
    return scene


def command(folder, *arguments: str) -> str:
    """What the command line prints, in the same city."""
    ran = subprocess.run(
        [sys.executable, "-m", "tylib", *arguments, "--city", str(folder)],
        capture_output=True, text=True, encoding="utf-8", cwd=ROOT,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def as_printed(value: float, decimals: int = 2) -> str:
    """A change in the lab's table: a real minus, no zeros behind."""
    text = f"{value:+.{decimals}f}".rstrip("0").rstrip(".").replace("-", "−")
    return text + "%"


def test_everything_is_on_the_screen(fresh):
    for slot in ("fan", "levers", "tiles"):
        assert fresh.page.locator(f".tylib-live [data-slot='{slot}'] svg .mark-text text").count() > 3, slot
    assert fresh.page.locator(".tylib-lever").count() == 8
    assert re.search(r"\d+%的抽样为升", fresh.text("sentences"))
    assert fresh.page.locator(".tylib-live .mark-area path").count() >= 2


def test_a_key_moves_picture_and_numbers_which_agree_with_the_command_line(fresh, jupyter_server):
    before = fresh.page.locator(".tylib-live [data-slot='fan'] .mark-line path").first.get_attribute("d")
    handle = fresh.page.locator(".tylib-lever-digital .noUi-handle")
    handle.focus()
    for _ in range(4):
        fresh.page.keyboard.press("ArrowRight")
    fresh.settled()
    assert fresh.page.locator(".tylib-live [data-slot='fan'] .mark-line path").first.get_attribute("d") != before
    assert "70%" in fresh.page.locator(".tylib-lever-digital .strength").inner_text()
    fresh.python(f"opened.save({MINE!r}, title='T', reason='R', replace=True)")
    said = json.loads(command(jupyter_server.folder, "scenario", "run", MINE, "--unit", UNIT, "--format", "json"))
    table, last = fresh.numbers(), str(said["years"][-1])
    columns = {"中位数": said["median"], "最低一成": said["low"], "最高一成": said["high"]}
    for name, values in columns.items():
        for year, value in zip(said["years"], values, strict=True):
            if str(year) in table and round(value, 2):
                assert table[str(year)][name] == as_printed(value), (year, name)
    assert table[last]["取中间"] == as_printed(said["total_effect"])
    assert as_printed(said["total_effect"], 1) in fresh.text("headline")
    levers = fresh.page.locator(".tylib-live [data-slot='levers'] .mark-text text").all_text_contents()
    largest = max(said["attribution"], key=lambda row: row["value"])
    assert any(text.startswith(as_printed(largest["value"], 1)[:-1]) for text in levers)


def test_a_drag_with_the_mouse_moves_it_too(fresh):
    handle = fresh.page.locator(".tylib-lever-research .noUi-handle").bounding_box()
    track = fresh.page.locator(".tylib-lever-research .noUi-base").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    seq = int(fresh.page.evaluate(f"{LIVE}.dataset.seq"))
    fresh.page.mouse.move(x, y)
    fresh.page.mouse.down()
    fresh.page.mouse.move(track["x"] + track["width"] * 0.8, y, steps=10)
    fresh.page.mouse.up()
    fresh.settled()
    assert int(fresh.page.evaluate(f"{LIVE}.dataset.seq")) > seq
    moved = float(fresh.python("print(opened.state.levers['research'])"))
    assert 0.7 <= moved <= 0.9
    assert f"{100 * moved:.0f}%" in fresh.page.locator(".tylib-lever-research .strength").inner_text()


def test_brushed_years_and_clicked_counties_come_back_to_python_and_the_other_charts_follow(fresh):
    tiles = fresh.page.locator(".tylib-live [data-slot='tiles'] .mark-text text").all_text_contents()
    fan = fresh.box("fan")
    y = fan["y"] + fan["height"] / 2
    fresh.page.mouse.move(fan["x"] + fan["width"] * 0.35, y)
    fresh.page.mouse.down()
    fresh.page.mouse.move(fan["x"] + fan["width"] * 0.55, y, steps=8)
    fresh.page.mouse.up()
    fresh.settled()
    first, last = json.loads(fresh.python("import json; print(json.dumps(opened.selection['years']))"))
    assert 2024 <= first < last < 2030
    assert str(last) in fresh.text("levers-title") and str(last) in fresh.text("tiles-title")
    assert fresh.page.locator(".tylib-live [data-slot='tiles'] .mark-text text").all_text_contents() != tiles
    assert set(fresh.numbers()) == {str(year) for year in range(first, last + 1)}
    assert fresh.brush() > 20
    fresh.python("opened.set(years=None)")
    fresh.settled()
    assert fresh.brush() < 1
    fresh.python("opened.set(years=(2026, 2028))")
    fresh.settled()
    assert fresh.brush() > 20
    name = fresh.python("print(opened.ground.tiles[0]['name_zh'])").strip()
    fresh.box("tiles")
    fresh.page.locator(".tylib-live [data-slot='tiles'] .mark-text text", has_text=name).first.click()
    fresh.settled()
    assert fresh.python("print(opened.selection['places'] == [opened.ground.tiles[0]['place']])").strip() == "True"
    assert any(name in text for text in fresh.page.locator("[data-slot='fan'] .mark-text text").all_text_contents())


def test_the_language_switches_everything(fresh):
    fresh.page.locator(".tylib-lab-top button", has_text="en").first.click()
    fresh.settled()
    shown = fresh.page.locator(".tylib-lab").first.inner_text()
    drawn = " ".join(fresh.page.locator(".tylib-live svg text").all_text_contents())
    chosen = fresh.page.locator(".tylib-lab-top select").first.evaluate("s => s.selectedOptions[0].text")
    assert "What the brief would print" in shown and "Equipment renewal" in drawn
    assert not re.search(r"[\u4e00-\u9fff]", shown + drawn + chosen)


def test_runs_stand_side_by_side_and_reset_brings_back(fresh):
    fresh.page.locator(".tylib-lab-foot button", has_text="留作对照").first.click()
    fresh.python("opened.set(levers={'digital': 1.0})")
    fresh.page.wait_for_timeout(300)
    fresh.page.locator(".tylib-lab-foot button", has_text="留作对照").first.click()
    fresh.page.wait_for_function("document.querySelectorAll('.tylib-live .kept svg').length == 2")
    first, second = (fresh.text(f"kept-{n}-head") for n in (0, 1))
    assert first != second and "100%" in second
    fresh.page.locator(".tylib-lab-top button", has_text="复原").first.click()
    fresh.page.wait_for_timeout(300)
    assert fresh.python("print(opened.state.levers['digital'])").strip() == "0.5"


def test_a_state_is_saved_in_the_panel_and_what_is_wrong_is_told_there(fresh, jupyter_server):
    fresh.python("opened.set(levers={'green': 0.9})")
    page = fresh.page
    page.locator(".tylib-lab-foot button", has_text="存为自己的情景").first.press("Enter")
    fields = page.locator(".tylib-lab-saving").first.locator("input[type=text], textarea")
    fields.nth(0).fill("greener")
    save = page.locator(".tylib-lab-foot button", has_text="保存").first
    save.click()
    page.locator(".tylib-lab .told", has_text="title").first.wait_for()
    for n, text in enumerate(("更绿", "能更绿吗？", "想看看")):
        fields.nth(n + 1).fill(text)
    save.click()
    page.locator(".tylib-lab .told", has_text="home/scenarios/greener.yml").first.wait_for()
    said = command(
        jupyter_server.folder, "scenario", "check", str(jupyter_server.folder / "home/scenarios/greener.yml")
    )
    assert "ok" in said
    options = page.locator(".tylib-lab-top select").nth(1).locator("option").all_inner_texts()
    assert "更绿" in options
    page.locator(".tylib-lab-top select").nth(1).select_option(label="更绿")
    page.wait_for_timeout(300)
    assert fresh.python("print(opened.state.scenario, opened.state.levers['green'])").strip() == "greener 0.9"


def test_moves_are_painted_while_the_hand_still_moves(fresh, record_property):
    def timed(stage: str | None, n: int) -> float:
        found = sorted(fresh.page.evaluate(MOVE, ["quality", stage]) for _ in range(n))
        middle = statistics.median(found)
        text = f"median {middle:.0f} ms, p95 {found[int(0.95 * n)]:.0f} ms, n {n}"
        print(f"{stage or 'point'}: {text}")
        record_property(stage or "point", text)
        return middle

    timed("fan", FANS)
    # Other tests share the machine: that it can be that quick must show in one of a few tries.
    assert any(timed(None, TIMED) < GATE for _ in range(TRIES))


def test_a_thousand_moves_leave_the_browser_as_large_as_before(fresh, record_property):
    session = fresh.page.context.new_cdp_session(fresh.page)
    session.send("HeapProfiler.enable")

    def heap() -> float:
        session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"] / 2**20

    for _ in range(50):  # what is made once is made before
        fresh.page.evaluate(MOVE, ["firms", None])
    before, seq = heap(), int(fresh.page.evaluate(f"{LIVE}.dataset.seq"))
    for _ in range(MOVES // 50):
        fresh.page.evaluate(
            f"async () => {{ const move = {MOVE}; for (let n = 0; n < 50; n++) await move(['firms', null]); }}"
        )
    fresh.settled()
    after = heap()
    print(f"heap {before:.1f} MB before, {after:.1f} MB after {MOVES} moves")
    record_property("heap", f"{before:.1f} MB, {after:.1f} MB")
    assert int(fresh.page.evaluate(f"{LIVE}.dataset.seq")) - seq >= MOVES
    assert after < before + 8
    shown = float(fresh.page.evaluate("document.querySelector('.tylib-lever-firms .noUi-target').noUiSlider.get()"))
    assert float(fresh.python("print(opened.state.levers['firms'])")) == pytest.approx(shown, abs=1e-6)
