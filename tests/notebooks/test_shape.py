"""Notebooks ask, and do nothing else: one question, parameters, one set-up, then calls into the package."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat
import papermill
import pytest
from click.testing import CliRunner
from papermill.cli import papermill as papermill_command

from tylib.brief.growth.sectors import MEASURES
from tylib.scenario import CLOSURES, OUTCOMES
from tylib.store.words import languages

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_CELLS, MOST_LINES = 30, 10
FIRST = "00_start_here.ipynb"
TABLE = re.compile(r"data/\w+/\w+\.csv")
CHOICES = {
    "language": languages(), "measure": MEASURES, "layer": ["1", "2", "3"], "closure": CLOSURES, "outcome": OUTCOMES,
}  # fmt: skip

LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
DISK = {"open", "Path", "os", "pathlib", "shutil", "exec", "eval"}


def unfit(code: str) -> list[str]:
    """What a cell of code holds that belongs into the package."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return ["a magic, or no Python"]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, LOOPS):
            found.append("a loop")
        elif isinstance(node, DEFINITIONS):
            found.append("a definition")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ARITHMETIC):
            found.append("arithmetic")
        elif isinstance(node, ast.Name) and node.id in DISK:
            found.append("a path")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            found += ["a path"] if {name.split(".")[0] for name in names} & DISK else []
    return found


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def path(request) -> Path:
    return request.param


@pytest.fixture
def cells(path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def code_of(cells: list[dict]) -> list[dict]:
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_there_are_notebooks():
    assert FIRST in [path.name for path in NOTEBOOKS]


def test_the_title_is_a_question(path, cells):
    title = source(cells[0]).splitlines()[0]
    assert cells[0]["cell_type"] == "markdown"
    assert re.fullmatch(rf"# {path.name[:2]} · .+\?", title), title


def test_it_says_who_asks_and_what_would_be_an_answer(cells):
    paragraphs = source(cells[0]).split("\n\n")
    assert [part.split("**")[1] for part in paragraphs[1:3]] == ["Who asks:", "What would count as an answer:"]


def test_parameters_stand_first_annotated_and_commented_and_one_set_up_follows(cells):
    code = code_of(cells)
    tagged = [cell for cell in code if "parameters" in cell["metadata"].get("tags", [])]
    assert tagged == code[:1]
    for line in source(code[0]).splitlines():
        assert re.fullmatch(r"\w+: \w+(\[.+\])? = .+  # .+", line), line
    imports = [n for n, cell in enumerate(code) if re.search(r"^(import|from) ", source(cell), re.M)]
    assert imports == [1]
    assert cells.index(code[1]) == cells.index(code[0]) + 1


def test_the_help_of_papermill_says_type_default_meaning_and_choices(path):
    """What ``papermill --help-notebook`` prints: every parameter that the cell declares, with what it may be."""
    shown = CliRunner().invoke(papermill_command, [str(path), "--help-notebook"], catch_exceptions=False).output
    lines = re.findall(r"^  (\w+): (\w+) \(default (.+?)\)\s{2,}(.{12,})$", shown, re.M)
    assert [name for name, *_ in lines] == list(papermill.inspect_notebook(path))
    assert "language" in [name for name, *_ in lines]
    for name, kind, written, meaning in lines:
        default, tables = ast.literal_eval(written), TABLE.findall(meaning)
        assert kind == type(default).__name__, name
        assert [table for table in tables if not (ROOT / table).is_file()] == []
        assert [choice for choice in CHOICES.get(name, []) if choice not in meaning and choice != default] == []
        if name == "unit":
            level, _, code = default.partition(":")
            assert f"{level}:CODE" in meaning
            assert f"\n{code}," in (ROOT / tables[0]).read_text(encoding="utf-8")


def test_it_is_short(cells):
    assert len(cells) <= MOST_CELLS
    for cell in code_of(cells):
        assert len(source(cell).splitlines()) <= MOST_LINES, source(cell)


def test_code_only_asks(cells):
    assert {source(cell): found for cell in code_of(cells) if (found := unfit(source(cell)))} == {}


def test_every_question_after_the_set_up_shows_something(cells):
    for cell in code_of(cells)[2:]:
        assert isinstance(ast.parse(source(cell)).body[-1], ast.Expr), source(cell)


def test_nothing_of_a_run_is_kept(cells):
    for cell in code_of(cells):
        assert cell["outputs"] == [] and cell["execution_count"] is None


def test_prose_states_no_figure(cells):
    """What is found out comes from outputs; a number with its unit in the text would outlive the data it came from."""
    figure = re.compile(r"\d[\d,.]*\s*(%|‰|亿|万|吨|per cent|billion|million|thousand|CNY|yuan|tonnes)")
    said = [source(cell) for cell in cells if cell["cell_type"] == "markdown"]
    assert [match[0] for text in said for match in figure.finditer(text)] == []


def test_the_last_sections_are_a_conclusion_with_its_confidence_and_the_sources(cells):
    text = "\n".join(source(cell) for cell in cells if cell["cell_type"] == "markdown")
    assert re.search(r"confidence", text, re.I)
    assert "sources" in source(cells[-1]) and cells[-1]["cell_type"] == "code"


def test_the_file_is_what_jupyter_expects_and_its_ids_stay(path, cells):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata
    assert [cell["id"] for cell in cells] == [f"cell-{number:02}" for number in range(len(cells))]


def test_the_first_notebook_leads_to_all_there_are_and_to_no_other():
    cells = json.loads((ROOT / "notebooks" / FIRST).read_text(encoding="utf-8"))["cells"]
    linked = set(re.findall(r"\]\((\d\d_\w+\.ipynb)\)", "\n".join(source(cell) for cell in cells)))
    assert linked == {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def f(): pass", "a definition"), ("f = lambda x: x", "a definition"), ("for x in y: x", "a loop"),
        ("[x for x in y]", "a loop"), ("while x: x", "a loop"), ("a = b / c", "arithmetic"), ("open('x')", "a path"),
        ("from pathlib import Path", "a path"), ("%time x", "a magic, or no Python"), ("!ls", "a magic, or no Python"),
    ],
)  # fmt: skip
def test_what_does_not_belong_is_seen(code, found):
    assert found in unfit(code)


def test_a_plain_question_is_not_taken_for_more():
    assert unfit('report = coverage.report(language=language)\nreport["matrix"]') == []
