"""JupyterLab as ``run.py lab`` starts it: what notebooks share is made while its reader reads the first of them.

A small extension of the server. Without it the first notebook that asks what published figures imply would spend the
minute that :mod:`tylib.batch.preparing` spends before the first brief.
"""

from __future__ import annotations

import threading
from typing import Any

from tylib.batch.preparing import prepare
from tylib.errors import ParameterError
from tylib.store import open_city

PATIENCE_S = 900.0


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Begin in the background; a folder without a city, or one whose tables are broken, is none of the server's."""
    try:
        city = open_city(server.root_dir)
    except ParameterError:
        return

    def run() -> None:
        failed = prepare(city, deadline=PATIENCE_S, tell=server.log.info)
        if failed:
            server.log.warning(failed)

    threading.Thread(target=run, daemon=True, name="preparing").start()
