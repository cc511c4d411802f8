"""The house keeps its floors: who may import whom, who may touch the disk, and that it knows no city by name."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tylib.store import load, words
from tylib.store.city import package
from tylib.store.places import counties, place
from tylib.store.words import languages

HOUSE = Path(__file__).parents[1] / "tylib"
FLOORS = (
    "errors", "store", "indicators", "bounds", "programme", "scenario", "brief", "lab", "batch", "commands", "__main__",
)  # fmt: skip
DISK = ("store", "batch")
NOTEBOOK_TOOLS = {"papermill", "nbconvert", "nbformat"}
HEAVY = {"altair", "papermill", "scipy", "nbconvert", "nbformat", "vl_convert"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "config"}
LONGEST = 400
TEXTS = (".py", ".js", ".css", ".html", ".j2", ".json", ".svg", ".ts")

FILES = sorted(path for path in HOUSE.rglob("*") if path.suffix in TEXTS and "__pycache__" not in path.parts)
MODULES = [path for path in FILES if path.suffix == ".py"]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def shown(path: Path, node: ast.AST | None = None) -> str:
    return path.relative_to(HOUSE.parent).as_posix() + (f":{node.lineno}" if node is not None else "")


def floor(path: Path) -> str:
    """The floor of a module: its first name below ``tylib``, empty for ``tylib`` itself."""
    first = path.relative_to(HOUSE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def dotted(path: Path) -> list[str]:
    parts = ["tylib", *path.relative_to(HOUSE).with_suffix("").parts]
    return parts[:-1] if parts[-1] == "__init__" else parts


def imports(path: Path, tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Every module that is imported anywhere in a module, by its full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = dotted(path) if path.name == "__init__.py" else dotted(path)[:-1]
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield node, origin
            if origin == "tylib":  # from tylib import brief
                yield from ((node, f"tylib.{alias.name}") for alias in node.names)


def at_import(tree: ast.Module) -> ast.Module:
    """What runs when the module is imported: without the bodies of functions and what is for type checkers only."""

    class Cut(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            return None

        visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

        def visit_If(self, node: ast.If) -> ast.AST | None:
            checking = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            return None if checking else self.generic_visit(node)

    return Cut().visit(ast.parse(ast.unparse(tree)))


def test_the_house_is_found():
    assert {floor(path) for path in MODULES} <= {*FLOORS, ""}
    assert len(MODULES) > 30


def test_each_floor_imports_only_from_those_below():
    wrong = []
    for path, tree in TREES.items():
        own = floor(path)
        for node, name in imports(path, tree):
            parts = name.split(".")
            if parts[0] != "tylib" or len(parts) < 2 or parts[1] not in FLOORS:
                continue
            if own == "" or FLOORS.index(parts[1]) > FLOORS.index(own):
                wrong.append(f"{shown(path, node)} imports {name}")
            elif own == "indicators" and parts[1] not in ("errors", "indicators"):
                wrong.append(f"{shown(path, node)} imports {name}: formulas know only errors")
    assert wrong == []


def test_only_batch_knows_the_notebook_tools():
    wrong = [
        f"{shown(path, node)} imports {name}"
        for path, tree in TREES.items()
        if floor(path) != "batch"
        for node, name in imports(path, tree)
        if name.split(".")[0] in NOTEBOOK_TOOLS
    ]
    assert wrong == []


def test_nothing_heavy_is_imported_with_a_module():
    wrong = [
        f"{shown(path)} imports {name}"
        for path, tree in TREES.items()
        for _, name in imports(path, at_import(tree))
        if name.split(".")[0] in HEAVY
    ]
    assert wrong == []


def test_nothing_heavy_comes_in_by_another_door():
    names = [".".join(dotted(path)) for path in MODULES if path.name != "__main__.py"]
    code = f"import importlib, sys\nfor n in {names}: importlib.import_module(n)\nprint({HEAVY} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOUSE.parent)
    assert ran.stdout.strip() == "set()", ran.stderr


# What reaches the disk: names of functions and methods. ``open_city`` and the like are store's own.
METHODS = {
    "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "touch", "iterdir", "glob",
    "rglob", "is_file", "exists", "stat", "open",
}  # fmt: skip
MODULES_OF_FILES = {"shutil", "tempfile", "sqlite3", "glob", "io"}


def touches(tree: ast.AST) -> Iterator[ast.AST]:
    """Calls that read or write files; a package's own files through ``importlib.resources.files`` are not meant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            if {str(name).split(".")[0] for name in names} & MODULES_OF_FILES:
                yield node
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "open":
            yield node
        if not isinstance(node.func, ast.Attribute):
            continue
        name, owner = node.func.attr, node.func.value
        packaged = any(isinstance(n, ast.Name) and n.id == "files" for n in ast.walk(owner))
        polars = isinstance(owner, ast.Name) and owner.id == "pl" and re.match("read_|scan_", name)
        system = isinstance(owner, ast.Name) and owner.id == "os"
        written = re.match("write_|sink_", name) and name not in METHODS and node.args
        if polars or system or written or (name in METHODS and not packaged):
            yield node


def test_only_store_and_batch_touch_the_disk():
    wrong = [
        shown(path, node)
        for path, tree in TREES.items()
        if floor(path) not in (*DISK, "__main__")  # the command line writes a log of what nobody expected
        for node in touches(tree)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "code",
    [
        "open('x')", "Path('x').read_text()", "p.write_bytes(b'')", "pl.read_csv('x')", "frame.write_csv(path)",
        "import shutil", "os.listdir()", "(root / 'x').open('w')", "from tempfile import mkdtemp",
    ],
)  # fmt: skip
def test_a_touch_is_seen(code):
    assert len(list(touches(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    "code", ["files(__name__).joinpath('x').read_text()", "frame.write_csv()", "os.environ.get('X')", "reopen('x')"]
)
def test_a_touch_is_not_imagined(code):
    assert list(touches(ast.parse(code))) == []


# The city is data.

SUFFIXES = re.compile(r"( (District|County|City|Subdistrict|Town|Township)|市|区|县)$")


@pytest.fixture(scope="module")
def names_of_the_city(city):
    """Names and codes of the city, its counties and their townships; of the first two also without their kind."""
    own = [place(city.place, city), *counties(city).iter_rows(named=True)]
    codes = [row["place"] for row in own]
    below = load("places", city).filter(pl.col("parent").is_in(codes)).iter_rows(named=True)
    names = {row[key] for row in (*own, *below) for key in ("place", "name_zh", "name_en")}
    return sorted(names | {SUFFIXES.sub("", row[key]) for row in own for key in ("name_zh", "name_en")})


def named(paths: list[Path], names: list[str]) -> dict[str, set[str]]:
    """Names that stand in files: whole words, whatever their case; Chinese ones anywhere."""
    ascii_names = "|".join(re.escape(name) for name in names if name.isascii())
    others = "|".join(re.escape(name) for name in names if not name.isascii())
    pattern = re.compile(rf"\b(?:{ascii_names})\b|{others}", re.I)
    found = {shown(path): set(pattern.findall(path.read_text(encoding="utf-8"))) for path in paths}
    return {path: hits for path, hits in found.items() if hits}


def test_the_package_knows_no_city(names_of_the_city):
    assert len(names_of_the_city) > 100
    assert named(FILES, names_of_the_city) == {}


def test_words_judgements_and_contracts_know_no_city(city, names_of_the_city):
    assert named([*(city.params / "i18n").rglob("*.yml"), city.params / "judgements.yml"], names_of_the_city) == {}
    schemas = json.dumps([resource["schema"] for resource in package(city)["resources"]], ensure_ascii=False)
    assert [name for name in names_of_the_city if name in schemas] == []


# How the house is kept.


@pytest.mark.parametrize("folder", ["tylib", "tests"])
def test_every_module_is_named_for_what_it_does(folder):
    paths = [p for p in (HOUSE.parent / folder).rglob("*") if p.suffix == ".py" or p.is_dir()]
    assert [str(path) for path in paths if path.stem.strip("_") in VAGUE] == []


def test_no_file_grows_beyond_reading():
    lines = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


def test_modules_public_functions_and_classes_say_what_they_are_for():
    silent = []
    for path, tree in TREES.items():
        public = [
            node for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")
        ]  # fmt: skip
        silent += [shown(path, node) for node in public if not ast.get_docstring(node)]
        silent += [] if ast.get_docstring(tree) else [shown(path)]
    assert silent == []


def test_no_absolute_path():
    absolute = re.compile(r"(^|[\s'\"=(])(/(home|root|tmp|usr|var|etc|opt|mnt|work|Users)/|[A-Z]:\\)")
    wrong = [
        f"{shown(path)}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if absolute.search(line)
    ]
    assert wrong == []


def test_types_are_not_run():
    line = "from __future__ import annotations"
    assert [shown(p) for p in MODULES if p.name != "__init__.py" and line not in p.read_text(encoding="utf-8")] == []


# Words.

CALLEES = {"words", "said", "html", "number_of", "has"}


def asked_for(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Keys of words that the code asks for, as patterns: what is filled in later is ``.+``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first = node.args[0]
        if name not in CALLEES:
            continue
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            text = re.escape(first.value)
        elif isinstance(first, ast.JoinedStr):
            parts = (re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in first.values)
            text = "".join(parts)
        else:
            continue
        if re.match(r"[a-z_]+\\\.", text):
            yield node, text + (r"\.other" if name == "number_of" else "")


def test_every_word_that_is_asked_for_stands_in_every_language(city):
    asked = [(path, node, key) for path, tree in TREES.items() for node, key in asked_for(tree)]
    assert len(asked) > 100
    for language in languages(city):
        keys = list(words(language, city).catalogue)
        joined = "\n".join(keys)
        missing = [
            f"{shown(path, node)}: {key}" for path, node, key in asked if not re.search(rf"^{key}$", joined, re.M)
        ]
        assert missing == [], language


def test_a_word_that_is_asked_for_is_seen():
    code = "said('a.b'); context.words.html(f'a.{x}.c', n=1); said.number_of('a.n', 2); said('plain'); other('a.b')"
    assert [key for _, key in asked_for(ast.parse(code))] == [r"a\.b", r"a\..+\.c", r"a\.n\.other"]
