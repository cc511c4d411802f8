"""The township sheet: one page, the county's figures clearly the county's, fuller where a table was brought in."""

from __future__ import annotations

import re

import pytest

from tests.brief.test_county import text
from tests.programme.test_county import rewrite
from tylib.brief import township
from tylib.store import open_city

HUANGZHAI, SILENT, IN_ZONE = "140122100", "140105003", "140171405"
NAMED = "980102100"


@pytest.fixture(scope="module")
def sheets(city):
    return {code: township.brief(f"township:{code}", language="en", city=city) for code in (HUANGZHAI, SILENT, IN_ZONE)}


def test_what_a_source_places_there_is_named(sheets):
    said = text(sheets[HUANGZHAI]["here"])
    assert "TISCO carbon fibre phase 3" in said and "Shanxi Gangke Carbon" in said
    assert "1 project, 1 firm, 1 chain segment named" in text(sheets[HUANGZHAI]["opening"])


def test_nothing_named_is_said_and_is_no_proof(sheets):
    assert "no source places a project, firm or park there" in text(sheets[SILENT]["opening"])
    assert "no proof of absence" in text(sheets[SILENT]["here"])
    assert not sheets[SILENT]["figures"].blocks


def test_the_countys_figures_are_the_countys(sheets):
    said = text(sheets[HUANGZHAI]["county"])
    assert "Yangqu County around it has 10 units" in said and "8.21 billion yuan" in said
    assert "cannot be shared out among townships" in said
    assert "8 named projects that stand by themselves; placed in a township by its full name: 1" in said


def test_the_table_to_ask_for_names_the_bureau_of_the_county(sheets):
    assert "Statistics bureau of Yangqu County" in text(sheets[HUANGZHAI]["unknown"])


def test_a_unit_that_a_zone_governs_shows_the_zones_figures_and_asks_its_office(sheets):
    assert "52.5 billion yuan" in text(sheets[IN_ZONE]["county"])
    assert "Administration of Shanxi Transition Comprehensive Reform" in text(sheets[IN_ZONE]["unknown"])
    assert "Statistics bureau of" not in text(sheets[IN_ZONE]["unknown"])


def test_the_register_is_cited(sheets):
    for sheet in sheets.values():
        assert 'class="cite"' in str(sheet["here"].html()) and sheet["sources"].blocks


def test_an_imported_table_makes_the_sheet_fuller(made_city):
    before = township.brief(f"township:{NAMED}", language="en", city=made_city)
    rewrite(made_city, "facts_counties", {"MC001": {"place": NAMED, "status": "imported"}}, "fact_id")
    after = township.brief(f"township:{NAMED}", language="en", city=made_city)
    assert not before["figures"].blocks and "1 figure was brought in" in text(after["figures"])
    assert 'data-status="imported"' in str(after["figures"].html())
    assert "no township figures" in text(before["opening"]) and "no township figures" not in text(after["opening"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sheet_of_the_made_city_is_made(written_city, language):
    city = open_city(written_city)
    for code in ("980102001", NAMED, "980121200"):
        html = re.sub(
            r"<script.*?</script>", "", str(township.brief(f"township:{code}", language=language, city=city).html())
        )
        assert "{" not in html and len(html) < 12_000


def test_an_imported_table_has_its_key_numbers(made_city):
    rewrite(made_city, "facts_counties", {"MC001": {"place": NAMED, "status": "imported"}}, "fact_id")
    html = str(township.brief(f"township:{NAMED}", language="en", city=made_city)["key_numbers"].html())
    assert html.count('<li class="key-number">') == 1 and 'class="legend"' in html
