import pytest

from tylib.brief.numbers import Numbers
from tylib.store import load, words

YUAN, PERSON = "100M CNY", "person"


@pytest.fixture(scope="module")
def zh() -> Numbers:
    return Numbers.of(words("zh"), load("units"))


@pytest.fixture(scope="module")
def en() -> Numbers:
    return Numbers.of(words("en"), load("units"))


def row(**figures):
    return {"value": None, "low": None, "high": None, "absent": None, "qualifier": None, "unit": YUAN} | figures


def test_a_sentence_rounds_to_three_digits_but_never_the_whole_part(zh, en):
    assert zh.text(353.0, YUAN) == "353亿元"
    assert zh.text(1063.68, YUAN) == "1,064亿元"
    assert zh.text(5.584, YUAN) == "5.58亿元"
    assert en.text(353.0, YUAN) == "35.3 billion yuan"


def test_people_are_counted_in_the_readers_own_unit(zh, en):
    assert zh.text(346_890, PERSON) == "34.7万人"
    assert en.text(346_890, PERSON) == "347 thousand persons"


def test_a_table_keeps_what_was_printed(zh):
    assert zh.full(1063.68, YUAN) == "1,063.68亿元"
    assert zh.full(-0.2, "%") == "−0.2%"


def test_a_rounded_zero_has_no_sign(zh):
    assert zh.text(-0.0001, "%") == "0%"


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"value": 10.0, "qualifier": "~"}, "约10亿元"),
        ({"high": 500.0, "qualifier": "<"}, "低于500亿元"),
        ({"low": 800.0, "qualifier": ">"}, "超过800亿元"),
        ({"low": 45.0, "qualifier": ">="}, "不低于45亿元"),
        ({"low": 307.3, "high": 443.8}, "307.3–443.8亿元"),
        ({"absent": "not_published"}, "未公布"),
        ({"value": 0.0}, "0亿元"),
    ],
)
def test_an_interval_a_bound_and_an_absence_never_look_like_a_published_figure(zh, figures, said):
    assert zh.row(row(**figures)) == said


def test_an_unknown_unit_stands_as_it_is(en):
    assert en.full(3, "furlong") == "3 furlong"
