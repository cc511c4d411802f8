"""Engines that answer without a kernel, for what the runner does with their answers."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat.v4 import new_output

from tylib.batch.engine import Outcome


def answer(job, notebook: Path, folder: Path) -> Outcome:
    """The brief of the fixture notebook as a kernel would have answered it."""
    made = nbformat.read(notebook, as_version=4)
    scope = dict(job.parameters)
    text = eval(made.cells[-1].source.partition("\n")[2].removeprefix("HTML"), scope)
    made.cells[-1].outputs = [new_output("display_data", {"text/html": text})]
    return Outcome(made)


def ask_for_places_in_the_north(job, notebook: Path, folder: Path) -> Outcome:
    """What one unit loads of the tables, another does not."""
    used = {f"words {job.language}"} | ({"table places"} if job.unit.endswith("01") else set())
    return replace(answer(job, notebook, folder), used=frozenset(used))


def fail_on_south(job, notebook: Path, folder: Path) -> Outcome:
    """One unit fails as a notebook does that raises."""
    if job.unit.endswith("02"):
        return Outcome(None, "ValueError: no <such> thing", "Cell 2:\n1/0")
    return answer(job, notebook, folder)


def die(job, notebook: Path, folder: Path) -> Outcome:
    """One unit takes its worker with it every time, another only the first time."""
    tried = folder / f"tried-{job.language}-{job.name}"
    if job.unit.endswith("02") or (job.language == "zh" and not tried.exists()):
        tried.touch()
        os._exit(7)
    return answer(job, notebook, folder)


def crash_kernel_once(job, notebook: Path, folder: Path) -> Outcome:
    """The kernel dies the first time; the worker lives."""
    tried = folder / f"tried-{job.language}-{job.name}"
    if not tried.exists():
        tried.touch()
        return Outcome(None, "the process of the brief ended before the brief did", "gone", crashed=True)
    return answer(job, notebook, folder)
