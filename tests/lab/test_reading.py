"""A figure is followed to its source, and every mark says what it means, in every language."""

from __future__ import annotations

import re

import pytest

from tests.made_city import BLOG, FALLING, RISING
from tylib import lab
from tylib.errors import ParameterError
from tylib.store.contracts import STATUS
from tylib.store.words import languages

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(params=["zh", "en"])
def language(request) -> str:
    return request.param


def text(part) -> str:
    return re.sub(r"<[^>]+>", " ", str(part.html()))


def test_every_status_is_shown_with_its_swatch_and_meaning(city, language):
    html = str(lab.statuses(language=language, city=city).html())
    assert re.findall(r'swatch" data-status="(\w+)"', html) == [*STATUS, "absent", "conflict"]
    assert language == "zh" or not CHINESE.search(html)


def test_a_figure_leads_to_what_its_source_printed(made_city, language):
    part = lab.trace("gdp", unit=f"county:{RISING}", language=language, city=made_city)
    said = text(part)
    assert "210.5" in said or "21.05" in said
    assert "“210.5”, 2024" in said or "“210.5”，2024" in said  # as printed
    assert "tjj.example.org" in said and "2025-04-10" in said
    assert BLOG not in said and ("1个" in said or "one more value" in said)  # the other value is told of
    assert language == "zh" or not CHINESE.search(part.heading)


def test_the_status_stands_with_its_meaning(made_city):
    said = text(lab.trace("population_cagr", unit=f"county:{RISING}", language="en", city=made_city))
    assert "derived: computed from published figures" in said


def test_a_county_without_the_figure_says_so(made_city, language):
    part = lab.trace("above_scale_industrial_va_growth", unit=f"county:{FALLING}", language=language, city=made_city)
    assert "table" not in str(part.html()) and part.heading


@pytest.mark.parametrize(
    ("indicator", "unit", "language"),
    [("gdpp", f"county:{RISING}", "en"), ("gdp", "county:1", "en"), ("gdp", f"county:{RISING}", "fr")],
)
def test_what_does_not_exist_is_named(made_city, indicator, unit, language):
    with pytest.raises(ParameterError, match="unknown"):
        lab.trace(indicator, unit=unit, language=language, city=made_city)


def test_both_languages_are_there():
    assert {"zh", "en"} <= set(languages())
