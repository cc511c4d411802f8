"""Findings are true in every case a table can hold: rise, fall, flat, unknown; and each direction has its number."""

import re

import pytest

from tylib.brief import sentences
from tylib.brief.numbers import Numbers
from tylib.store import load, open_city, words
from tylib.store.words import languages

LANGUAGES = languages(open_city())


@pytest.fixture(params=LANGUAGES)
def numbers(request) -> Numbers:
    return Numbers.of(words(request.param), load("units"))


DIRECTIONS = {
    "zh": {"rise": "增长", "fall": "下降", "flat": "基本持平", "unknown": "未公布"},
    "en": {"rise": "grew", "fall": "fell", "flat": "nearly flat", "unknown": "no growth"},
}


@pytest.mark.parametrize(("rate", "which"), [(12.3, "rise"), (-12.3, "fall"), (0.2, "flat"), (None, "unknown")])
def test_a_growth_rate_says_its_direction_with_its_number(numbers, rate, which):
    said = sentences.growth(numbers, "X", rate, year=2023, flat=0.5)
    others = [word for name, word in DIRECTIONS[numbers.words.language].items() if name != which]
    assert DIRECTIONS[numbers.words.language][which] in said
    assert not any(word in said for word in others)
    assert ("12.3" in said) == (which in ("rise", "fall"))
    assert "2023" in said
    assert "−" not in said  # the word carries the sign


def test_a_flat_change_keeps_its_sign_and_an_expected_one_says_so(numbers):
    assert "−0.2%" in sentences.growth(numbers, "GDP", -0.2, year=2022, flat=0.5)
    expected = sentences.growth(numbers, "GDP", 3.0, year=2025, flat=0.5, kind="expected")
    assert numbers.words("number.expected", figure="3%") in expected


@pytest.mark.parametrize("rate", [5.1, -5.1, 0.0, None])
def test_a_growth_rate_stands_beside_its_year(numbers, rate):
    said = sentences.growth(numbers, "GDP", rate, year=2023, flat=0.5)
    assert "2023" in said and "GDP" in said
    assert bool(re.search(r"\d+(\.\d+)?%", said)) == (rate is not None)


@pytest.mark.parametrize(("rank", "of"), [(1, 10), (4, 10), (10, 10), (1, 3), (2, 3), (3, 3), (1, 1), (None, 3)])
def test_a_place_among_few_is_never_said_to_be_among_all(numbers, rank, of):
    said = sentences.standing(numbers, rank, of, 10)
    if rank is not None and 1 < of < 10:
        assert str(of) in said
    if rank not in (None, 1) and rank != of:
        assert str(rank) in said
    assert said


def test_the_edge_of_flat_belongs_to_flat():
    assert sentences.direction(0.5, flat=0.5) == "flat"
    assert sentences.direction(-0.5, flat=0.5) == "flat"
    assert sentences.direction(0.51, flat=0.5) == "rise"
