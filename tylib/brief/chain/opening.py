"""The top of the page: how many stages sources name, who anchors the chain, what is not known; the key numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tylib.brief import opening as top
from tylib.programme import chains as programme
from tylib.programme import segments
from tylib.programme.projects import WHOLE, investment
from tylib.store.contracts import Status

if TYPE_CHECKING:
    from markupsafe import Markup

    from tylib.brief.context import Context
    from tylib.brief.document import Part

COUNTED = {"status": "derived", "low": None, "high": None}


def grid(context: Context) -> pl.DataFrame:
    """The stages of the unit (:func:`tylib.programme.segments.slots`), a thin one by the judgement in force."""
    return segments.slots(context.city, context.code, thin=context.judgements.thin_segment.value)


def opening(context: Context) -> Part:
    """Kicker, headline and standfirst, generated from what is known."""
    said = context.words
    return top.opening(
        context, kind=said("chain.kind"), headline=headline(context, grid(context)), standfirst=_standfirst(context)
    )


def headline(context: Context, stages: pl.DataFrame) -> str:
    """The answer in a sentence: of how many stages a source speaks, and how many none names."""
    said, of = context.words, stages.height
    missing, thin = ((stages["state"] == state).sum() for state in ("missing", "thin"))
    which = "none" if not of else "missing" if missing else "thin" if thin else "whole"
    return said(f"chain.headline.{which}", chain=context.name, of=of, told=of - missing, missing=missing, thin=thin)


def _standfirst(context: Context) -> str:
    said, firms = context.words, programme.firms(context.city, context.code)
    own = firms.filter(pl.col("grade").is_not_null() & (pl.col("chain_id") == context.code))
    kinds = [
        said(f"chain.standfirst.{grade}", firms=context.joined(said.pick(row, "name") for row in rows))
        for grade in programme.GRADES
        if (rows := own.filter(pl.col("grade") == grade).to_dicts())
    ]
    anchors = said("list.semicolon").join(kinds) or said("chain.standfirst.no_master")
    system = programme.system(context.city, context.code).filter(pl.col("state") == "not_published")
    names = [said.pick(row, "name") for row in system.head(MOST_ABSENT).iter_rows(named=True)]
    absent = [name[:1].lower() + name[1:] for name in names]
    gaps = said("chain.standfirst.absent", items=context.joined([said("chain.standfirst.output"), *absent]))
    return said("list.gap").join([said("chain.standfirst.anchors", anchors=anchors), gaps])


MOST_ABSENT = 3  # items of the work system that the standfirst names; the part on it has them all


def key_numbers(context: Context) -> Part:
    """How many stages, firms and projects can be named, what is planned to be spent, who buys nearby."""
    stages, firms = grid(context), programme.firms(context.city, context.code)
    listed = programme.projects(context.city, context.code).filter(pl.col("in_city"))
    said = context.words
    cards: list[Markup] = []
    if stages.height:
        told = (stages["state"] != "missing").sum()
        cards.append(_count(context, told, "", "segments", of=stages.height))
    if firms.height:
        own = firms.filter(pl.col("grade").is_not_null() & (pl.col("chain_id") == context.code))
        cards.append(_count(context, firms.height, "firms", "firms", of=own.height))
    if whole := listed.filter(WHOLE).height:
        cards.append(_count(context, whole, "projects", "projects", of=listed.height - whole))
        planned = investment(listed).row(0, named=True)
        if planned["value"] is not None:
            row = {**COUNTED, **planned, "kind": "plan"}
            place = said("chain.key.of.investment", published=planned["published"], of=planned["projects"])
            cards.append(top.card(context, row, label=said("chain.key.investment"), place=place))
    rates = programme.supporting_rates(context.city, context.code)
    if rates.height:
        newest = rates.row(-1, named=True)
        place = said.pick(newest, "firm")
        cards.append(top.card(context, newest, label=said("chain.key.rate"), place=place))
    return top.key_numbers(context, cards, statuses=_statuses(context))


def _count(context: Context, value: int, unit: str, what: str, *, of: int) -> Markup:
    said = context.words
    row = {**COUNTED, "value": value, "unit": unit}
    place = said.number_of(f"chain.key.of.{what}", of) if of else ""
    return top.card(context, row, label=said(f"chain.key.{what}"), place=place)


def _statuses(context: Context) -> set[str]:
    """Statuses of the links and figures of the brief."""
    here = (context.city, context.code)
    frames = [segments.segments(*here), segments.members(*here), programme.firms(*here), programme.projects(*here),
              programme.grounds(*here), programme.targets(*here), programme.system(*here)]  # fmt: skip
    names = ("status", "chain_status", "grade_status", "link_status", "entry_status", "result_status")
    columns = [frame[name].cast(Status) for frame in frames for name in names if name in frame.columns]
    return set(pl.concat(columns).drop_nulls().cast(pl.String)) | {"derived", "assumed"}
