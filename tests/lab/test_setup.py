"""One call makes a notebook ready: offline charts in the project's look, tables that fit, errors in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tylib import lab
from tylib.errors import ParameterError

ROOT = Path(__file__).parents[2]

SESSION = """
import json, os
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="nocolor")
from tylib import lab
with capture_output() as shown:
    lab.setup("en")
    lab.setup("en")
import polars as pl
kept = {"styles": sum("<style>" in o.data.get("text/html", "") for o in shown.outputs), "outputs": len(shown.outputs)}
if os.environ.get("TYLIB_BATCH") != "1":
    import altair as alt
    kept |= {
        "renderer": alt.renderers.active, "offline": alt.renderers.options.get("offline"), "theme": alt.theme.active,
        "bundled": "esm.sh" not in alt.JupyterChart._esm and len(alt.JupyterChart._esm) > 500_000,
        "look": alt.Chart(alt.Data(values=[])).mark_bar().to_dict()["config"]["bar"]["fill"],
        "rows": os.environ.get("POLARS_FMT_MAX_ROWS"),
    }
with capture_output() as failed:
    shell.run_cell("from tylib import lab; lab.setup('fr')", store_history=False)
kept["error"] = (failed.stdout + failed.stderr).strip()
print(json.dumps(kept))
"""


def session(**environment: str) -> dict:
    """What a session of IPython holds after two calls of setup."""
    ran = subprocess.run([sys.executable, "-c", SESSION], capture_output=True, text=True, cwd=ROOT,
                         env={**os.environ, **environment})  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_setup_gives_the_words_of_the_language(language):
    assert lab.setup(language).language == language


def test_setup_knows_which_languages_there_are():
    with pytest.raises(ParameterError, match="en, zh"):
        lab.setup("fr")


def test_a_session_draws_offline_in_the_projects_look_and_says_errors_in_words():
    kept = session()
    assert kept["renderer"] == "jupyter" and kept["offline"] is True and kept["bundled"]
    assert kept["theme"] == "tylib" and kept["look"].startswith("#")
    assert kept["styles"] == 2  # a second run of the cell shows it again: its first output is gone by then
    assert kept["rows"] == str(lab.ROWS)
    assert "Traceback" not in kept["error"] and 'unknown language "fr"' in kept["error"]


def test_a_batch_run_is_shown_nothing():
    assert session(TYLIB_BATCH="1")["outputs"] == 0
