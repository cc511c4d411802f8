"""What a brief costs: the ways people make many notebooks against ours, in turn, start-up included.

Run by hand, never with the tests:

  python tests/benchmarks/batch.py peers [ROUNDS] [N]   the arms in turn; N briefs of ours and of the in-process peers
  python tests/benchmarks/batch.py growth [N ...]       small made briefs, as many as named: seconds and memory of each
  python tests/benchmarks/batch.py register [N]         a made national register, its townships: N of them for real

Arms: ``plain`` is the documented way (papermill.execute_notebook in a loop, ``jupyter nbconvert`` for each), on a few
briefs because it is slow; ``pool`` two processes with one exporter each; ``ploomber`` ploomber-engine, one after the
other in one process (extra ``bench``); ``ours`` is ``tylib batch``, fork and two workers. Each arm is a fresh process;
seconds of CPU are those of it and all its children. Others on the machine make wall time swing: read the ratios.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PLAIN = 4  # briefs of the slow arm


def plan(count: int) -> list[tuple[str, str, str]]:
    """Real briefs: counties, towns, chains and zones in both languages, over and over up to ``count``."""
    from tylib.batch.plan import jobs, read_plan
    from tylib.store import open_city

    city = open_city(PROJECT)
    real = [j for j in jobs(read_plan("all", city), city) if not j.unit.startswith("city")]
    return [(j.notebook, j.unit, j.language) for j in (real * (count // len(real) + 1))[:count]]


# The arms. Each gets the list of briefs and a folder, and runs in a process of its own.


def parameters(unit: str, language: str) -> dict[str, str]:
    return {"unit": unit, "language": language}


def plain(briefs, folder: Path) -> None:
    import papermill

    for number, (notebook, unit, language) in enumerate(briefs):
        out = folder / f"{number}.ipynb"
        papermill.execute_notebook(
            PROJECT / "notebooks" / f"{notebook}.ipynb", out, parameters(unit, language), progress_bar=False
        )
        subprocess.run(
            [sys.executable, "-m", "nbconvert", "--to", "html", "--no-input", str(out)], check=True, capture_output=True
        )


def _one(job) -> None:
    import papermill

    global EXPORTER
    from nbconvert.exporters import HTMLExporter

    EXPORTER = globals().get("EXPORTER") or HTMLExporter(exclude_input=True)
    number, (notebook, unit, language), folder = job
    executed = papermill.execute_notebook(
        PROJECT / "notebooks" / f"{notebook}.ipynb", folder / f"{number}.ipynb", parameters(unit, language),
        progress_bar=False,
    )  # fmt: skip
    (folder / f"{number}.html").write_text(EXPORTER.from_notebook_node(executed)[0], encoding="utf-8")


def pool(briefs, folder: Path) -> None:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        list(executor.map(_one, [(number, brief, folder) for number, brief in enumerate(briefs)]))


def ploomber(briefs, folder: Path) -> None:
    from nbconvert.exporters import HTMLExporter
    from ploomber_engine import execute_notebook

    exporter = HTMLExporter(exclude_input=True)
    for number, (notebook, unit, language) in enumerate(briefs):
        executed = execute_notebook(
            PROJECT / "notebooks" / f"{notebook}.ipynb", folder / f"{number}.ipynb",
            parameters=parameters(unit, language), progress_bar=False, verbose=False,
        )  # fmt: skip
        (folder / f"{number}.html").write_text(exporter.from_notebook_node(executed)[0], encoding="utf-8")


def ours(briefs, folder: Path) -> None:
    from dataclasses import replace

    from tylib.batch.engine import engine_named
    from tylib.batch.plan import Job
    from tylib.batch.runner import run
    from tylib.store import open_city
    from tylib.store.tables import refuse_broken

    city = replace(open_city(PROJECT), reports=folder)
    refuse_broken(city)
    jobs = [Job(u, lang, n, tuple(parameters(u, lang).items())) for n, u, lang in briefs]
    summary = run(jobs, city, workers=2, **engine_named("fork"))
    if summary.failed or len(summary.rows) != len(jobs):
        raise SystemExit(f"failed: {[(row.unit, row.error) for row in summary.failed]}")


ARMS = {"plain": plain, "pool": pool, "ploomber": ploomber, "ours": ours}


def timed(arm: str, briefs, *, sample: bool = False) -> dict[str, float]:
    """An arm in a fresh process: seconds of wall and CPU a brief; peak memory (PSS of the whole tree) if asked for."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    given = json.dumps([arm, briefs, str(folder)])
    path = os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "OMP_NUM_THREADS": "1", "TYLIB_BATCH": "1", "PYTHONPATH": path}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, "--arm"], stdin=subprocess.PIPE, env=env, cwd=PROJECT)
    peak = [0.0]
    watch = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    if sample:
        watch.start()
    process.communicate(given.encode())
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{arm} failed")
    pages = len(list(folder.rglob("*.html")))
    shutil.rmtree(folder)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall / len(briefs), "cpu": cpu / len(briefs), "pages": pages, "pss": peak[0], "whole": wall}


def _watch(process: subprocess.Popen, peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(map(_pss, _tree(process.pid))))
        time.sleep(0.25)


def _tree(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except OSError:
            continue
    found, new = [root], [root]
    while new:
        new = [child for pid in new for child in parents.get(pid, ())]
        found += new
    return found


def _pss(pid: int) -> float:
    """Megabytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except (OSError, StopIteration):
        return 0.0


def peers(rounds: int = 2, count: int = 60) -> None:
    """The arms in turn."""
    briefs = plan(count)
    found: dict[str, list[dict[str, float]]] = {arm: [] for arm in ARMS}
    for _ in range(rounds):
        for arm in ARMS:
            few = {"plain": briefs[:: count // PLAIN][:PLAIN], "pool": briefs[:: count // 12][:12]}.get(arm, briefs)
            found[arm].append(timed(arm, few))
            told = found[arm][-1]
            print(f"{arm:>9} n={len(few):<4} {told['wall']:.3f} s wall, {told['cpu']:.3f} s CPU a brief", flush=True)
    mean = {arm: {k: sum(r[k] for r in runs) / rounds for k in ("wall", "cpu")} for arm, runs in found.items()}
    for one, other in (("plain", "ours"), ("pool", "ours"), ("ploomber", "ours"), ("plain", "ploomber")):
        wall, cpu = (mean[one][k] / mean[other][k] for k in ("wall", "cpu"))
        print(f"{one + '/' + other:>15}: {wall:.1f}x wall, {cpu:.1f}x CPU")
    print(f"peak PSS of ours, whole tree, two workers: {timed('ours', briefs[:20], sample=True)['pss']:.0f} MB")
    half = timed("ours", briefs[: count // 3])
    full = timed("ours", briefs)
    margin = (full["cpu"] * count - half["cpu"] * (count // 3)) / (count - count // 3)
    print(f"at the margin: {margin:.3f} s CPU a real brief")


def made_city(folder: Path, counties: int, townships: int) -> Path:
    """A made country: counties of one prefecture, townships of the counties, one small notebook for each kind."""
    sys.path.insert(0, str(PROJECT))
    from tests.batch.conftest import write_notebook

    shutil.copytree(PROJECT / "params" / "i18n", folder / "params" / "i18n")
    (folder / "params" / "plans").mkdir()
    (folder / "data").mkdir()
    rows = [f"c{n:05},县{n},County {n},county,9" for n in range(counties)]
    rows += [f"t{n:06},镇{n},Township {n},township,c{n % max(counties, 1):05}" for n in range(townships)]
    table = "place,name_zh,name_en,level,parent\n9,国,Country,prefecture,\n" + "\n".join(rows) + "\n"
    (folder / "data" / "places.csv").write_text(table, encoding="utf-8")
    names = table.partition("\n")[0].split(",")
    fields = [{"name": n, "type": "string", "constraints": {"required": n != "parent"}} for n in names]
    described = {
        "name": "country", "version": "1", "city": {"place": "9"}, "licenses": [],
        "resources": [{"name": "places", "path": "places.csv", "schema": {"fields": fields, "primaryKey": ["place"]}}],
    }  # fmt: skip
    (folder / "data" / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    cell = """from IPython.display import HTML
import altair as alt
import polars as pl
from tylib.brief import theme
from tylib.store import load, open_city
row = load("places", open_city()).filter(pl.col("place") == unit.partition(":")[2]).row(0, named=True)
chart = alt.Chart(pl.DataFrame({"a": ["x", "y"], "b": [1, 2]})).mark_bar().encode(x="a:N", y="b:Q")
HTML(f'<header class="opening"><h1 class="headline">{row["name_zh"]} {theme.spec(chart)["mark"]["type"]}</h1></header>')
"""
    write_notebook(folder / "notebooks" / "90_made.ipynb", cell)
    for kind in ("county", "township"):
        text = f"title: {{zh: made, en: made}}\nbriefs: [{{notebook: 90_made, units: ['{kind}:*']}}]\nlanguages: [zh]\n"
        (folder / "params" / "plans" / f"{kind}.yml").write_text(text, encoding="utf-8")
    return folder


def command(city: Path, *options: str, reports: Path) -> tuple[float, float]:
    """``tylib batch`` for a made country: seconds of wall and of CPU."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "tylib", "batch", "--city", str(city), "--reports", str(reports), "--workers", "2",
         *options],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode:
        raise SystemExit(run.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu


def growth(*counts: int) -> None:
    """So many small briefs in one run each: the time of one does not grow with their number."""
    for count in counts or (50, 500, 5000):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            city = made_city(Path(folder) / "city", count, 0)
            wall, cpu = command(city, "--plan", "county", "--assets", "shared", reports=Path(folder) / "reports")
            again, _ = command(city, "--plan", "county", "--assets", "shared", reports=Path(folder) / "reports")
            size = sum(path.stat().st_size for path in (Path(folder) / "reports").rglob("*") if path.is_file())
        print(
            f"{count:>6} briefs: {1e3 * cpu / count:7.1f} ms CPU, {1e3 * wall / count:7.1f} ms wall a brief; "
            f"{wall:.0f} s in all, {size / 1e6:.0f} MB; again, nothing changed: {again:.1f} s",
            flush=True,
        )


def register(part: int = 1000) -> None:
    """The national register: 2,850 counties and 41,000 townships; the first ``part`` townships are made for real."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        city, reports = made_city(Path(folder) / "city", 2850, 41_000), Path(folder) / "reports"
        wall, cpu = command(city, "--plan", "township", "--dry-run", reports=reports)
        print(
            f"register of 43,850 places; what is to be made of 41,000: {wall:.1f} s wall, {cpu:.1f} s CPU", flush=True
        )
        shard = f"1/{41_000 // part}"
        wall, cpu = command(city, "--plan", "township", "--shard", shard, reports=reports)
        print(
            f"shard {shard}: {wall:.0f} s wall, {cpu:.0f} s CPU: {1e3 * cpu / part:.0f} ms CPU a township", flush=True
        )


if __name__ == "__main__":
    if sys.argv[1:] == ["--arm"]:
        name, jobs, place = json.loads(sys.stdin.read())
        ARMS[name]([tuple(job) for job in jobs], Path(place))
    else:
        {"peers": peers, "growth": growth, "register": register}[sys.argv[1]](*map(int, sys.argv[2:]))
