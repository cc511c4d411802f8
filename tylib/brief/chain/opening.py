"""The top of the page: which branches are complete and what the others lack; who anchors the chain; key numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl

from tylib.brief import opening as top
from tylib.brief import upgrade
from tylib.brief.making import amounts
from tylib.programme import chains as programme
from tylib.programme import segments
from tylib.programme.projects import WHOLE, investment
from tylib.store.contracts import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

    from tylib.brief.context import Context
    from tylib.brief.document import Part

COUNTED = {"status": "derived", "low": None, "high": None}


def grid(context: Context) -> pl.DataFrame:
    """The stages of the unit (:func:`tylib.programme.segments.slots`), a thin one by the judgement in force."""
    return segments.slots(context.city, context.code, thin=context.judgements.thin_segment.value)


MOST_CHARACTERS, MOST_WORDS = 30, 18  # of a headline; the second where words stand apart


def opening(context: Context) -> Part:
    """Kicker, headline and standfirst, generated from what is known."""
    said = context.words
    return top.opening(
        context, kind=said("chain.kind"), headline=headline(context, grid(context)), standfirst=_standfirst(context)
    )


def headline(context: Context, stages: pl.DataFrame) -> str:
    """Which branches are complete and what the others lack: as much of it as a headline holds.

    A branch is complete where every stage of makers is named by two carriers or more; else it lacks those that no
    source names, or has some outside the city only, or is thin.
    """
    said, own = context.words, segments.makers(stages)
    if own.is_empty():
        return said("chain.headline.none", chain=context.name)
    told = [_told(context, rows) for _, rows in own.group_by("branch_zh", maintain_order=True)]
    order = ("complete", "unnamed", "lacks", "outside", "thin")
    told.sort(key=lambda branch: order.index(branch["kind"]))
    sentences = (
        said(f"chain.headline.{wording}", chain=context.name, told=text) for wording, text in _told_of(context, told)
    )
    return next(
        (sentence for sentence in sentences if _fits(sentence)), said("chain.headline.bare", chain=context.name)
    )


def _told(context: Context, rows: pl.DataFrame) -> dict[str, Any]:
    """What a headline says of one branch, and how many of its stages no source names."""
    said, states = context.words, rows["state"].cast(pl.String)
    name = lowered(said.pick(rows.row(0, named=True), "branch"))
    missing = (states == "missing").sum()
    kind = "unnamed" if missing == rows.height else "lacks" if missing else "complete"
    if kind == "complete":
        kind = next((state for state in ("outside", "thin") if (states == state).any()), "complete")
    found = rows.filter(pl.col("state") == {"lacks": "missing"}.get(kind, kind)) if kind != "unnamed" else rows
    stages = short_stages(context, found["stage"].to_list()) if found.height else ""
    text = said(f"chain.headline.of.{kind}", branch=name, stages=stages)
    return {"kind": kind, "name": name, "missing": missing, "text": text}


def _told_of(context: Context, told: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """What is told of the branches, from all of it to the weakest alone."""
    said, most = context.words, max(branch["missing"] for branch in told)
    weakest = [branch for branch in told if branch["missing"] == most]
    for kinds in (
        ("complete", "unnamed", "lacks", "outside", "thin"),
        ("complete", "unnamed", "lacks"),
        ("unnamed", "lacks"),
    ):
        if parts := [branch["text"] for branch in told if branch["kind"] in kinds]:
            yield "told", said("chain.headline.and").join(parts)
    if most and len(weakest) > 1:
        names = {"branch": weakest[0]["name"], "branches": len(weakest), "count": most}
        yield "told", said("chain.headline.weakest", **names)
    yield "told", weakest[0]["text"]


def _fits(sentence: str) -> bool:
    words = sentence.split()
    return len(words) <= MOST_WORDS if len(words) > 1 else len(sentence) <= MOST_CHARACTERS


def lowered(name: str) -> str:
    """A name inside a sentence: without its capital, unless it is an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def short_stages(context: Context, stages: list[str]) -> str:
    """Stages as one would say them together (``上、中游``)."""
    said = context.words
    names = said("chain.short.and").join(said(f"chain.short.{stage}") for stage in stages)
    return said("chain.short.ended", stages=names)


def graded(context: Context, firms: pl.DataFrame) -> list[str]:
    """How many of some firms are masters of each grade, in words; those that occur."""
    return [
        context.words.number_of(f"chain.graded.{grade}", count)
        for grade in programme.GRADES
        if (count := (firms["grade"] == grade).sum())
    ]


def _standfirst(context: Context) -> str:
    said, firms = context.words, programme.firms(context.city, context.code)
    own = firms.filter(pl.col("grade").is_not_null() & pl.col("own"))
    kinds = [
        said(f"chain.standfirst.{grade}", firms=context.joined(said.pick(row, "name") for row in rows))
        for grade in programme.GRADES
        if (rows := own.filter(pl.col("grade") == grade).to_dicts())
    ]
    stages = segments.makers(grid(context))
    told = stages.height - (stages["state"] == "missing").sum()
    basis = [said("chain.standfirst.basis", of=stages.height, told=told)] if stages.height else []
    anchors = said("list.semicolon").join(kinds) or said("chain.standfirst.no_master")
    listed = programme.projects(context.city, context.code).filter(pl.col("in_city"))
    top_one = programme.largest(listed)
    money = [said("chain.standfirst.largest", **_largest(context, top_one))] if top_one else []
    system = programme.system(context.city, context.code).filter(pl.col("state") == "not_published")
    absent = [lowered(said.pick(row, "name")) for row in system.head(MOST_ABSENT).iter_rows(named=True)]
    gaps = said("chain.standfirst.absent", items=context.joined([said("chain.standfirst.output"), *absent]))
    return said("list.gap").join([*basis, said("chain.standfirst.anchors", anchors=anchors), *money, gaps])


def _largest(context: Context, row: Mapping[str, Any]) -> dict[str, str]:
    """The project that most of the planned sum is: its name, amount and share, and what is published of its extent."""
    said, numbers = context.words, context.numbers
    return {
        "project": said.pick(row, "name"),
        "amount": numbers.text(row["value"], row["unit"]),
        "sum": numbers.text(row["sum"], row["unit"]),
        "share": numbers.text(100 * row["value"] / row["sum"], "%", decimals=0),
        "extent": said("chain.standfirst.extent", text=extent)
        if (extent := _extent(said.pick(row, "capacity")))
        else "",
    }


def _extent(text: str) -> str:
    """The first statement on what a project is to become, as published."""
    return re.split("[，；;]|, ", text)[0] if text else ""


MOST_ABSENT = 3  # items of the work system that the standfirst names; the part on it has them all


def key_numbers(context: Context) -> Part:
    """How many stages, firms and projects can be named, what is planned to be spent, who buys nearby."""
    stages, firms = segments.makers(grid(context)), programme.firms(context.city, context.code)
    listed = programme.projects(context.city, context.code).filter(pl.col("in_city"))
    said = context.words
    cards: list[Markup] = []
    if stages.height:
        told = (stages["state"] != "missing").sum()
        cards.append(_count(context, told, "", "segments", of=stages.height))
    if firms.height:
        own = firms.filter("own")
        guests = firms.height - own.height
        remarks = graded(context, own) + ([said.number_of("chain.key.of.guests", guests)] if guests else [])
        cards.append(_count(context, own.height, "firms", "firms", place=context.joined(remarks)))
    if whole := listed.filter(WHOLE).height:
        cards.append(_count(context, whole, "projects", "projects", of=listed.height - whole))
        planned = investment(listed).row(0, named=True)
        if planned["value"] is not None:
            row = {**COUNTED, **planned, "kind": "plan"}
            place = said("chain.key.of.investment", published=planned["published"], of=planned["projects"])
            if most := programme.largest(listed):
                place = said("list.gap").join([said("chain.key.of.largest", **_largest(context, most)), place])
            cards.append(top.card(context, row, label=said("chain.key.investment"), place=place))
    rates = programme.supporting_rates(context.city, context.code)
    if rates.height:
        newest = rates.row(-1, named=True)
        place = said.pick(newest, "firm")
        cards.append(top.card(context, newest, label=said("chain.key.rate"), place=place))
    return top.key_numbers(context, cards, statuses=_statuses(context))


def _count(context: Context, value: int, unit: str, what: str, *, of: int = 0, place: str = "") -> Markup:
    said = context.words
    row = {**COUNTED, "value": value, "unit": unit}
    place = place or (said.number_of(f"chain.key.of.{what}", of) if of else "")
    return top.card(context, row, label=said(f"chain.key.{what}"), place=place)


def _statuses(context: Context) -> set[str]:
    """Statuses of the links and figures of the brief."""
    here = (context.city, context.code)
    frames = [segments.segments(*here), segments.members(*here), programme.firms(*here), programme.projects(*here),
              programme.grounds(*here), programme.targets(*here), programme.system(*here)]  # fmt: skip
    names = ("status", "chain_status", "grade_status", "link_status", "entry_status", "result_status")
    columns = [frame[name].cast(Status) for frame in frames for name in names if name in frame.columns]
    places = [*context.counties["place"], context.city.place]
    found = set(pl.concat(columns).drop_nulls().cast(pl.String)) | {"derived", "assumed"}
    return found | amounts.statuses(context, places) | upgrade.statuses(context)
