"""The scenario in sentences: direction and support under two closures, what remains, what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from tylib import bounds
from tylib.brief.making import amounts
from tylib.brief.status import mark
from tylib.brief.upgrade.reading import DEMAND, SUPPLY, ZERO
from tylib.scenario.answers import BRACKET
from tylib.store import scenarios as files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tylib.brief.upgrade.reading import Reading

SAME = 1e-9


def heading(found: Reading) -> str:
    """The finding where both closures agree on one; else that the direction is undecided, with the support of each."""
    said, ends = found.context.words, [found.end(closure) for closure in BRACKET]
    words = {"title": found.title, "year": found.year, "what": found.what}
    which = {row["direction"] for row in ends}
    if which in ({"rise"}, {"fall"}):
        sizes = [found.context.numbers.text(abs(row["median"]), "%", decimals=1) for row in ends]
        least = min(ends, key=lambda row: row["support"])
        return said(f"upgrade.heading.{ends[0]['direction']}", supply=sizes[0], demand=sizes[1],
                    share=found.share(least), **words)  # fmt: skip
    if which == {"none"}:
        return said("upgrade.heading.none", **words)
    return said("upgrade.heading.undecided", supply=found.support(ends[0]), demand=found.support(ends[1]), **words)


def question(found: Reading) -> Markup:
    """What is asked, against what, and that it is a scenario."""
    said, start = found.context.words, files.model(found.context.city).start
    key = f"upgrade.question.{found.context.kind}"
    text = said(key, county=_county(found)) if said.has(key) else ""
    asked = found.scenario.question[said.language]
    return Markup("<p>{}{} {}</p>").format(
        said("upgrade.question.asked", question=asked, start=start), mark(found.status, said), text
    )


def _county(found: Reading) -> str:
    place = found.context.row.get("place")
    return found.context.place_name(place) if place else ""


def told(found: Reading) -> Markup:
    """Each closure, which side would bind, what remains without effects, carbon, the unknowns, levels."""
    items = [*_sides(found), *_rest(found), *_carbon(found), *_unknowns(found), *opened(found), *_levels(found)]
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(item) for item in items))


def _sides(found: Reading) -> Iterator[Markup]:
    said = found.context.words
    sign = mark(found.status, said)
    for closure, more in ((SUPPLY, ""), (DEMAND, _size_put_in(found))):
        text = said(f"upgrade.closure.{closure}")
        yield Markup("<b>{}</b>{}{}{}{}").format(
            text, said("upgrade.colon"), _moved(found, found.end(closure)), sign, more
        )
    bound = found.rows(found.shown.binding).row(0, named=True)
    ends = sorted(round(100 * bound[name]) for name in ("uniform", "tilted"))
    share = str(ends[0]) if ends[0] == ends[1] else said("number.interval", low=ends[0], high=ends[1])
    more = "supply" if ends[1] < 50 else "demand" if ends[0] > 50 else "both"
    yield Markup("{}").format(said(f"upgrade.binds.{more}", share=share))


def _moved(found: Reading, row: dict[str, Any]) -> str:
    if row["direction"] == "none":
        return found.context.words("upgrade.moved.none")
    kind = row["direction"] if row["direction"] in ("rise", "fall") else "undecided"
    size = found.signed(row["median"]) if kind == "undecided" else found.signed(abs(row["median"])).lstrip("+")
    return found.context.words(
        f"upgrade.moved.{kind}", what=found.what, size=size, span=found.span(row), support=found.support(row)
    )


def _size_put_in(found: Reading) -> Markup:
    """How much of the change under demand is the lever of which the size itself is a supposition."""
    said, levers = found.context.words, files.model(found.context.city).levers
    parts = found.rows(found.shown.attribution, closure=DEMAND, outcome="value_added").sort("value", "lever")
    largest = parts.row(-1, named=True)
    if largest["value"] <= 0 or largest["total"] <= 0:
        return Markup("")
    share = f"{100 * largest['value'] / largest['total']:.0f}"
    text = said("upgrade.put_in", lever=levers[largest["lever"]].title[said.language], share=share)
    return Markup("{}{}{}").format(said("list.gap"), text, mark("assumed", said))


def _rest(found: Reading) -> Iterator[Markup]:
    """What remains where no action raises productivity."""
    said, rest = found.context.words, {closure: found.end(closure, prior=ZERO) for closure in BRACKET}
    same = abs(rest[DEMAND]["median"] - found.end(DEMAND)["median"]) < SAME
    demand = said("upgrade.rest.same") if same else found.brief(rest[DEMAND])
    yield Markup("{}").format(said("upgrade.rest.of", supply=found.brief(rest[SUPPLY]), demand=demand))


def _carbon(found: Reading) -> Iterator[Markup]:
    """Carbon, where the scenario moves it: relative only; energy and jobs stand in the folded table."""
    said, rows = found.context.words, {closure: found.end(closure, outcome="carbon") for closure in BRACKET}
    if all(row["direction"] == "none" for row in rows.values()):
        return
    told = {closure: found.brief(row) for closure, row in rows.items()}
    yield Markup("{}{}").format(said("upgrade.carbon", **told), mark(found.status, said))


def _unknowns(found: Reading) -> Iterator[Markup]:
    said, told = found.context.words, {}
    for closure in BRACKET:
        rows = found.rows(found.shown.unknowns, closure=closure)
        told[closure] = found.context.joined(
            said("upgrade.unknown", name=said.pick(row, "title"), share=f"{100 * row['total']:.0f}")
            for row in rows.iter_rows(named=True)
        ) or said("upgrade.support.none")  # fmt: skip
    yield Markup("{}").format(said("upgrade.unknowns", **told))


def opened(found: Reading) -> Iterator[Markup]:
    """Why a direction is undecided: the levers without which, and the unknowns with which, it would be a finding."""
    said, levers = found.context.words, files.model(found.context.city).levers
    priors = files.model(found.context.city).parameters
    for closure in BRACKET:
        rows = found.rows(found.shown.settling, closure=closure) if not found.shown.settling.is_empty() else None
        if rows is None or rows.is_empty():
            continue
        told = {kind: [] for kind in ("without", "known")}
        for row in rows.filter(pl.col("direction").is_in(["rise", "fall"])).iter_rows(named=True):
            title = (levers if row["kind"] == "without" else priors)[row["name"]].title[said.language]
            told[row["kind"]].append(said("upgrade.open.one", name=title, support=found.support(row | {"median": 0.0})))
        parts = [
            said(f"upgrade.open.{kind}", names=found.context.joined(names)) for kind, names in told.items() if names
        ]
        text = said("list.semicolon").join(parts) or said("upgrade.open.nothing")
        yield Markup("{}").format(said(f"upgrade.open.{closure}", why=text))


def _levels(found: Reading) -> Iterator[Markup]:
    """In money only where the reader's own table has pinned the value added from which the scenario starts."""
    context = found.context
    known = bounds.findings(context.city).filter(
        (pl.col("quantity") == "value_added") & (pl.col("unit_code") == context.code) & (pl.col("sector_code") == "")
    )
    if known.is_empty() or not amounts.exact(context, known.row(0, named=True)):
        return
    base = known.row(0, named=True)
    ends = {
        row["closure"]: context.numbers.row(
            {"low": row["low"], "high": row["high"], "unit": base["unit"], "decimals": 0}
        )
        for row in found.rows(found.shown.levels).iter_rows(named=True)
    }
    yield Markup("{}{}").format(
        context.words("upgrade.levels", base=found.shown.fans["year"].min(), year=found.year, **ends),
        mark(found.status, context.words),
    )
