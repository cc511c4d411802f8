"""A filled template as rows of the tables that it fills.

A column named after an indicator becomes a row for each of its figures; every other column goes to the column of the
same name. Who is known already, by code or by exact name, keeps the key; others get one from the import and the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.store.city import City, package
from tylib.store.contracts import LINE
from tylib.store.tables import load
from tylib.store.taken import FIGURE
from tylib.store.templates import Field, bare, targets
from tylib.store.words import languages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tylib.store.filled import Filled

STANDING = "_standing"  # the row brings a published one up to date


def tables(city: City, one: Filled, number: str, dated: str) -> dict[str, pl.DataFrame]:
    """The cells that a sheet puts into each table: texts, with the row of the sheet as ``line``.

    Args:
        number: Of the import: source of its rows, beginning of their new keys.
        dated: Date of the sheet.
    """
    frames = {r["name"]: _rows(city, one, r, number, dated) for r in targets(one.template.spec, city)}
    return {name: frame for name, frame in frames.items() if frame.height}


def _rows(city: City, one: Filled, resource: Mapping[str, Any], number: str, dated: str) -> pl.DataFrame:
    spec, columns = one.template.spec, [field["name"] for field in resource["schema"]["fields"]]
    fixed = {"source_id": number, "as_of": dated, "status": one.status, "status_text": one.status}
    fixed |= spec.get("set", {})
    if resource["name"] == spec.get("melt", {}).get("into"):
        rows = _measured(city, one, resource, number)
    else:
        rows = _registered(city, one, resource, number)
    cells = []
    for order, row in enumerate(rows, 1):
        own = {"{city}": city.place, "{row}": str(order)}
        whole = {name: own.get(value, value) for name, value in fixed.items()}
        whole |= {name: value for name, value in row.items() if value is not None}
        for name in columns:
            # Who says that a firm lies in a county is the user.
            linked = name.removesuffix("_status")
            if linked != name and (whole.get(linked) or whole.get(f"{linked}_id")):
                whole.setdefault(name, one.status)
        if "value" in columns and whole.get("value") is None:
            # Silence says nothing of a figure that stands there; of a new thing it says that there is none.
            if whole.get(STANDING):
                whole = {name: value for name, value in whole.items() if name not in FIGURE}
            else:
                whole["absent"] = spec.get("without_figure")
        else:
            whole |= spec.get("with_figure", {})
        cells.append({LINE: whole[LINE], **{name: whole.get(name) for name in columns}})
    frame = pl.DataFrame(cells, schema={LINE: pl.Int64, **dict.fromkeys(columns, pl.String)})
    return frame.select(LINE, *(name for name in columns if frame[name].null_count() < frame.height))


def _measured(city: City, one: Filled, resource: Mapping[str, Any], number: str) -> Iterator[dict[str, Any]]:
    """A row for each figure: what a wide sheet holds side by side."""
    spec, (key,) = one.template.spec, resource["schema"]["primaryKey"]
    beside = _beside(city, spec)
    ids = _ids(city, one, number) if spec.get("into") else {}
    for line, read in one.rows:
        for field in one.template.fields:
            if not field.indicator or read.get(field.name) is None:
                continue
            told = {name: read.get(name) for name in spec["melt"]["key"]} | beside.get(_code(spec, read), {})
            yield {
                LINE: line, **told, **ids.get(line, {}), key: f"{number}-{line}-{field.indicator}",
                "indicator": field.indicator, "value": read[field.name], "unit": field.unit,
                "value_text": one.texts.get((line, field.name)), "period_text": one.texts.get((line, "period")),
                **{f"name_{language}": title for language, title in field.titles.items()},
            }  # fmt: skip


def _code(spec: Mapping[str, Any], read: Mapping[str, str | None]) -> str | None:
    (_, column), *_ = [*spec.get("lookup", {}).values(), ("", "")]
    return read.get(column)


def _beside(city: City, spec: Mapping[str, Any]) -> dict[str | None, dict[str, Any]]:
    """Columns that a table of codes knows: the place of a specialised town."""
    found: dict[str | None, dict[str, Any]] = {}
    for name, (table, column) in spec.get("lookup", {}).items():
        for code, value in load(table, city).select(column, name).iter_rows():
            found.setdefault(code, {})[name] = value
    return found


def _ids(city: City, one: Filled, number: str) -> dict[int, dict[str, str]]:
    """The key of each row: the one that is written there, that of a row with the same name, or a new one."""
    match = one.template.spec.get("match")
    key, known = listed_names(city, one)
    mine: dict[str, str] = {}
    found = {}
    for line, read in one.rows:
        name = bare(read.get(match) or "") if match else ""
        code = read.get(key) or known.get(name, ("",))[0] or mine.get(name) or f"{number}-{line}"
        if name:
            mine.setdefault(name, code)
        found[line] = {key: code}
    return found


def listed_names(city: City, one: Filled) -> tuple[str, dict[str, tuple[str, str]]]:
    """Key column of the table of things that a sheet fills, and who is listed there: bare name to code and name."""
    spec = one.template.spec
    if "into" not in spec:
        return "", {}
    (key,) = next(r for r in package(city)["resources"] if r["name"] == spec["into"])["schema"]["primaryKey"]
    match = spec.get("match")
    rows = load(spec["into"], city).select(key, match).drop_nulls().iter_rows() if match else ()
    return key, {bare(name): (code, name) for code, name in rows}


def _registered(city: City, one: Filled, resource: Mapping[str, Any], number: str) -> Iterator[dict[str, Any]]:
    """A row for each thing: cells as they are, names in every language, keys known or new."""
    columns = {field["name"] for field in resource["schema"]["fields"]}
    (key,) = resource["schema"]["primaryKey"]
    standing = {row[key]: row for row in load(resource["name"], city).iter_rows(named=True)}
    pairs = _in_languages(columns, languages(city))
    ids, seen = _ids(city, one, number), set()
    for line, read in one.rows:
        code = ids[line][key]
        if code in seen:  # a firm with figures of several years
            continue
        seen.add(code)
        cells: dict[str, Any] = {LINE: line, **read, **ids[line]}
        match = one.template.spec.get("match")
        if match and bare(cells.get(match) or "") == bare(standing.get(code, {}).get(match) or ""):
            cells[match] = standing.get(code, cells)[match]  # another spelling is no other name
        for field in one.template.fields:
            cells |= _in_words(field, read.get(field.name), columns)
            if f"{field.name}_text" in columns:
                cells[f"{field.name}_text"] = one.texts.get((line, field.name))
        yield _in_every_language(cells, pairs, standing.get(code, {})) | {STANDING: code in standing or None}


def _in_words(field: Field, code: str | None, columns: set[str]) -> dict[str, str]:
    """The names of a chosen value, where the table has columns for them."""
    option = next((option for option in field.options if option.code == code), None)
    if option is None:
        return {}
    stem = field.name if field.coded else field.name.rsplit("_", 1)[0]
    return {f"{stem}_{language}": name for language, name in option.names.items() if f"{stem}_{language}" in columns}


def _in_languages(columns: set[str], spoken: Collection[str]) -> list[list[str]]:
    """Columns that hold one text in several languages."""
    pairs: dict[str, list[str]] = {}
    for name in sorted(columns):
        stem, _, language = name.rpartition("_")
        if stem and language in spoken:
            pairs.setdefault(stem, []).append(name)
    return list(pairs.values())


def _in_every_language(
    cells: dict[str, Any], pairs: Iterable[list[str]], standing: Mapping[str, Any]
) -> dict[str, Any]:
    """A text given in one language stands for the others too, unless it is what stands there already."""
    for group in pairs:
        told = next((cells[name] for name in group if cells.get(name)), None)
        same = any(standing.get(name) and standing[name] == cells.get(name) for name in group)
        if told and not same:
            cells |= {name: cells.get(name) or told for name in group}
    return cells
