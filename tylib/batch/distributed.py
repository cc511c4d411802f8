"""Jobs sent to dask in shards: a thin adapter. Each shard is worked through by a forking process of its own.

A dask worker has threads and must never fork; the process that forks is a fresh subprocess of it and ends when the
worker does. A brief that dies takes only its own child along and never reaches dask; of a worker that dies dask gives
the shard to another. Workers read and write the same folders as this machine.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any

from tylib.batch.pool import Lost
from tylib.errors import ParameterError, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tylib.batch.making import Made
    from tylib.batch.plan import Job
    from tylib.batch.runner import Through

LARGEST = 100  # briefs in a shard: enough to pay for its imports
ROUNDS = 4  # shards for each worker at least, so that none waits long for the last
CONNECT_S = 20.0


def work_through(
    jobs: Sequence[Job], through: Through, /, *, address: str = "", workers: int, before: Callable[[], None]
) -> Iterator[tuple[Job, Made | Lost]]:
    """As :func:`tylib.batch.pool.work_through`; results come shard by shard.

    Args:
        through: How a shard is worked through where it arrives.
        address: Of a dask scheduler such as ``tcp://host:8786``; empty starts workers on this machine.
        workers: How many of those.

    Raises:
        ParameterError: The engine is not the forking one.
        RunError: dask is not installed, or its scheduler does not answer.
    """
    if not through.forking:
        raise ParameterError("dask needs the forking engine", where="--executor", expected="--engine fork, on Linux")
    client, cluster = _client(address, workers)
    try:
        before()
        away = replace(through, tell=print)
        slots = sum(client.nthreads().values()) or workers
        sent = {client.submit(_worked, away, shard, pure=False): shard for shard in shards(jobs, slots)}
        yield from _answers(sent)
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def shards(jobs: Sequence[Job], slots: int) -> list[list[Job]]:
    """The jobs in parts of one size for so many workers."""
    size = max(1, min(LARGEST, ceil(len(jobs) / (ROUNDS * slots))))
    return [list(jobs[start : start + size]) for start in range(0, len(jobs), size)]


def _client(address: str, workers: int) -> tuple[Any, Any]:
    """A client of the scheduler there, or of workers started here, and those."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise RunError(
            "dask is not installed", where="--executor", remedy="Install the extra: pip install 'tylib[dask]'."
        ) from None
    if not address:
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            scheduler_kwargs={"dashboard": False},
            silence_logs="ERROR",
            memory_limit=0,
        )
        return Client(cluster), cluster
    try:
        return Client(address, timeout=CONNECT_S), None
    except (OSError, ValueError) as error:
        told = str(error).splitlines()[0]
        raise RunError(
            f"no dask scheduler answers ({told})", where=address, expected="such as tcp://host:8786"
        ) from None


def _answers(sent: dict[Any, list[Job]]) -> Iterator[tuple[Job, Made | Lost]]:
    from distributed import as_completed

    for future in as_completed(sent):
        if future.status == "finished":
            yield from future.result()
            continue
        error = future.exception()
        if isinstance(error, RunError):
            raise error
        for job in sent[future]:
            yield job, Lost(f"dask gave the shard of the brief up: {type(error).__name__}", 0.0)


def _worked(through: Through, shard: list[Job]) -> list[tuple[Job, Made | Lost]]:
    """In a worker: one shard, one brief at a time."""
    return list(through.here(shard, workers=1))
