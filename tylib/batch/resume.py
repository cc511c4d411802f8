"""What of a plan has to be made: all but the briefs that stand and were made from the very inputs there are now."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

from tylib.batch.inputs import inputs
from tylib.batch.manifest import FAILED, Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tylib.batch.inputs import Inputs
    from tylib.batch.manifest import Row
    from tylib.batch.plan import Job
    from tylib.store import City


def due(
    jobs: Sequence[Job], city: City, /, *, force: bool = False, only_failed: bool = False, shared: bool = False
) -> dict[Job, str]:
    """The jobs to do now, each with the reason.

    Args:
        jobs: From :func:`tylib.batch.plan.jobs`.
        city: Its manifest and pages are looked at.
        force: All of them, whatever stands.
        only_failed: Of those, only what failed at the last attempt.
        shared: Whether pages are to share their stylesheet and scripts.

    Returns:
        In the order of ``jobs``; what is left out stands, to the byte, as it would be made again.
    """
    rows = Manifest(city.reports).rows
    now = inputs({job.notebook for job in jobs}, city, shared=shared)
    found: dict[Job, str] = {}
    for job in jobs:
        row = rows.get((job.notebook, job.language, job.unit))
        why = "asked for" if force else _reason(job, row, city, now)
        if why and (not only_failed or (row is not None and row.status == FAILED)):
            found[job] = why
    return found


def _reason(job: Job, row: Row | None, city: City, now: Inputs) -> str:
    if row is None:
        return "not made yet"
    if row.status == FAILED:
        return f"failed: {row.error}"
    if changed := now.changed(row.made_of, job):
        return "changed since: " + ", ".join(changed)
    page = f"{city.reports}/{job.page}"
    try:
        found, _ = os.stat(page), os.stat(f"{city.reports}/{job.executed}")
    except OSError:
        return "its page or notebook is gone"
    if (found.st_size, found.st_mtime_ns) == (row.bytes, row.modified):
        return ""  # as it was written; the others, such as copies, are read
    with open(page, "rb") as file:
        changed = sha256(file.read()).hexdigest() != row.sha256
    return "its page was changed since" if changed else ""
