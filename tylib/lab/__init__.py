"""JupyterLab made ready for exploring: one call in the set-up cell of a notebook.

Nothing is fetched: charts are drawn by the bundle that comes with Altair's converter, the stylesheet is the page's own
(``tylib.brief.page``) scoped to the outputs of cells.
"""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING

from markupsafe import Markup

from tylib.errors import TylibError, unknown
from tylib.lab.explorer import explore
from tylib.lab.grammar import statuses
from tylib.lab.trace import trace
from tylib.store import open_city, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tylib.store import City, Words

__all__ = ["explore", "setup", "statuses", "trace"]

ROWS, TEXT = 20, 60
"""Rows of a table and characters of a cell that a notebook shows."""


def setup(language: str = "zh", *, city: City | None = None) -> Words:
    """Ready the session: offline charts in the project's look, tables that fit a screen, the stylesheet, plain errors.

    Under a batch run (``TYLIB_BATCH=1``) and outside IPython there is no one to show anything to, and only the words
    are returned. Calling it twice does nothing twice that a reader would see.

    Args:
        language: A folder of ``params/i18n``.
        city: Defaults to the city found from the working directory.

    Returns:
        The catalogue of the language.

    Raises:
        ParameterError: No such language; the message lists those there are.

    >>> setup("en").language
    'en'
    """
    TylibError._render_traceback_ = _in_words
    found = words(language, city)
    shell = _shell()
    if shell is not None:
        _refuse_misspelt(shell.user_ns.get("In", ()))
    if shell is not None and os.environ.get("TYLIB_BATCH") != "1":
        _tables()
        _charts()
        _style()
        _banner(found, city or open_city())
    return found


def _refuse_misspelt(cells: Sequence[str]) -> None:
    """A parameter that papermill injected and the notebook does not have: papermill itself only warns of it."""
    injected = next((cell for cell in reversed(cells) if cell.startswith("# Parameters")), "")
    declared = {name for cell in cells if cell != injected for name in _assigned(cell, ast.AnnAssign)}
    for name in _assigned(injected, ast.Assign):
        if declared and name not in declared:
            raise unknown("parameter", name, declared)


def _assigned(cell: str, kind: type[ast.stmt]) -> list[str]:
    """Names that the assignments of one kind in a cell give a value to."""
    try:
        statements = [node for node in ast.parse(cell).body if isinstance(node, kind)]
    except SyntaxError:
        return []
    targets = [target for node in statements for target in getattr(node, "targets", [getattr(node, "target", None)])]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _shell() -> object | None:
    from IPython import get_ipython

    return get_ipython()


def _in_words(error: TylibError) -> list[str]:
    """What IPython prints for an error of ours: its message. ``%tb`` still shows where it arose."""
    return [f"{type(error).__name__}: {error}"]


def _tables() -> None:
    import polars as pl

    pl.Config.set_tbl_rows(ROWS)
    pl.Config.set_fmt_str_lengths(TEXT)
    pl.Config.set_fmt_float("full")  # a population is not read as 1.357e6
    pl.Config.set_tbl_hide_column_data_types(True)
    pl.Config.set_tbl_hide_dataframe_shape(True)


def _charts() -> None:
    import altair as alt

    from tylib.brief import theme

    # The renderer must be told too: it would otherwise put JupyterChart back to fetching its library.
    alt.renderers.enable("jupyter", offline=True)
    alt.JupyterChart.enable_offline()

    @alt.theme.register("tylib", enable=True)
    def _look() -> alt.theme.ThemeConfig:
        return {"config": theme.plain(theme.config())}


def _banner(said: Words, city: City) -> None:
    """What a demonstration says at the top of every notebook, as at the top of every page."""
    from IPython.display import HTML, display

    if city.demonstration:
        display(HTML(str(Markup('<p class="demonstration" role="note">{}</p>').format(said("demonstration.banner")))))


def _style() -> None:
    from IPython.display import HTML, display

    from tylib.lab.style import stylesheet

    display(HTML(f"<style>{stylesheet()}</style>"))
