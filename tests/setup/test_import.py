"""Importing the package is cheap: heavy libraries come in where they are used."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ["altair", "IPython", "jupyterlab", "nbconvert", "pandas", "papermill", "pyarrow", "scipy"]


def test_import_of_the_package_brings_no_heavy_library() -> None:
    code = f"import sys, tylib; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []
