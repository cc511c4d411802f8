"""What notebook 70 says of the model's test against the past: the words follow the figures, and claim nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest

from tylib import scenario
from tylib.brief.certainty.past import past
from tylib.brief.context import Context
from tylib.store import open_city

CITY = open_city()


def said(language: str = "en") -> tuple[str, str]:
    part = past(Context.of(f"city:{CITY.place}", language=language, city=CITY))
    return part.heading, " ".join(re.sub("<[^>]+>", " ", str(part.html())).split())


def test_too_little_to_test_is_said_with_the_number_of_figures():
    found, (heading, body) = scenario.validate(CITY), said()
    own = found.published.filter(
        pl.col("reason").is_null(), kind="county", indicator="above_scale_industrial_va_growth"
    )
    assert heading.startswith("Not to be tested") and f"{own.height} figures in all; no skill is claimed" in heading
    inside = found.coverage.row(0, named=True)
    assert f"holds {inside['inside']} of {inside['n']} outcomes" in body and "no test out of sample" in body
    assert "不说预测比简单外推好" in said("zh")[0]


@pytest.mark.parametrize(
    ("scored", "claim", "start"),
    [
        (6, False, "Held against the past in 6 of 10 counties: no forecast is better"),
        (6, True, "Held against the past: in 12 of 12"),
    ],
)
def test_a_claim_is_made_only_where_it_is_earned(monkeypatch, scored, claim, start):
    found = scenario.validate(CITY)
    skill = found.skill.with_columns(scored=pl.lit(scored), claim=pl.lit(claim))
    monkeypatch.setattr(scenario, "validate", lambda _: replace(found, skill=skill))
    assert said()[0].startswith(start)


def test_a_city_of_which_little_is_known_is_told_the_same_way(made_city):
    part = past(Context.of(f"city:{made_city.place}", language="en", city=made_city))
    assert part.heading.startswith("Not to be tested") and "skill" in part.heading


def test_what_is_said_of_few_years_and_of_the_match_follows_the_figures(monkeypatch):
    found, (_, few) = scenario.validate(CITY), said()
    assert few.count("too few for a trend") == 2 and "sifts next to nothing" in few
    matched = found.history.with_columns(kept=pl.lit(150), enough=pl.lit(False))
    longer = replace(found, epidemic=found.epidemic.with_columns(years=pl.lit(9)), history=matched)
    monkeypatch.setattr(scenario, "validate", lambda _: longer)
    body = said()[1]
    assert "too few for a trend" not in body and "fewer than 200, too few to be used alone" in body
