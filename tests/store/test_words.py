"""The catalogue: what is missing is said, what is filled in is escaped, and every language holds the same."""

from __future__ import annotations

import re
import string
from itertools import pairwise
from types import MappingProxyType

import pytest
from markupsafe import Markup

from tylib.errors import DataError, ParameterError
from tylib.store import Words, words
from tylib.store.words import languages

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
ASIDE = re.compile(r"\([^()]*\)")  # a Chinese term may stand in brackets behind its translation
# A placeholder that a language leaves out on purpose: a Chinese reader needs no English name of a place.
LEFT_OUT = {("brief.named", "en")}


@pytest.fixture
def said():
    return Words("en", MappingProxyType({
        "greet": "Hello {name}", "raw": "a < b & {what}", "towns.one": "{count} town", "towns.other": "{count} towns",
        "sheep.other": "{count} sheep of {place}", "half": "{value:.1f}",
    }))  # fmt: skip


def test_placeholders_are_filled(said):
    assert said("greet", name="Li") == "Hello Li"
    assert said("half", value=2) == "2.0"
    assert said.has("greet") and not said.has("greeting")


def test_a_missing_key_suggests_the_nearest(said):
    with pytest.raises(ParameterError) as raised:
        said("gret")
    assert str(raised.value).startswith('params/i18n/en: unknown word "gret"; expected one of: ')
    assert str(raised.value).endswith('Did you mean "greet"?')
    with pytest.raises(ParameterError, match="unknown word"):
        said.html("nothing")


def test_a_missing_placeholder_is_named_with_its_word(said):
    for ask in (said, said.html):
        with pytest.raises(ParameterError, match='word greet: no value for placeholder "name"'):
            ask("greet")


def test_html_escapes_the_word_and_its_values_but_not_markup(said):
    assert said.html("raw", what="<script>") == Markup("a &lt; b &amp; &lt;script&gt;")
    assert said.html("raw", what=Markup("<b>c</b>")) == Markup("a &lt; b &amp; <b>c</b>")
    assert isinstance(said.html("greet", name="x"), Markup)
    assert not isinstance(said("greet", name="x"), Markup)


def test_a_value_is_not_read_as_a_pattern(said):
    assert said("greet", name="{count}") == "Hello {count}"
    assert said.html("greet", name="{0}") == "Hello {0}"


def test_counted_nouns(said):
    assert [said.number_of("towns", n) for n in (0, 1, 2)] == ["0 towns", "1 town", "2 towns"]
    assert said.number_of("sheep", 1, place="here") == "1 sheep of here"


@pytest.mark.parametrize(
    ("row", "picked"),
    [
        ({"name_en": "Lake", "name_zh": "湖"}, "Lake"),
        ({"name_en": None, "name_zh": "湖"}, "湖"),
        ({"name_en": "", "name_zh": None}, ""),
    ],
)
def test_pick_takes_the_other_language_before_nothing(said, row, picked):
    assert said.pick(row, "name") == picked


def test_an_unknown_language_lists_those_there_are(made_city):
    assert languages(made_city) == ["en", "zh"]
    with pytest.raises(ParameterError) as raised:
        words("fr", made_city)
    assert str(raised.value) == 'unknown language "fr"; expected one of: en, zh.'


def test_a_new_language_is_a_new_folder(made_city):
    folder = made_city.params / "i18n" / "fr"
    folder.mkdir()
    (folder / "a.yml").write_text("list:\n  comma: ', '\nyes: 1\n", encoding="utf-8")
    assert languages(made_city) == ["en", "fr", "zh"]
    assert words("fr", made_city)("list.comma") == ", "


def test_a_key_that_stands_twice_across_files(made_city):
    folder = made_city.params / "i18n" / "en"
    (folder / "zz.yml").write_text("status:\n  derived: worked out\n", encoding="utf-8")
    with pytest.raises(DataError, match="words that stand twice") as raised:
        words("en", made_city)
    (offence,) = raised.value.offences
    assert (offence.file, offence.column) == ("params/i18n/en/zz.yml", "status.derived")


@pytest.mark.parametrize("text", ["a: [", "- a\n- b\n", "a: \xff"])
def test_words_that_cannot_be_read(made_city, text):
    (made_city.params / "i18n" / "en" / "zz.yml").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match="words cannot be read") as raised:
        words("en", made_city)
    assert raised.value.offences[0].file == "params/i18n/en/zz.yml"


def test_mended_words_are_read_anew(made_city):
    path = made_city.params / "i18n" / "en" / "zz.yml"
    path.write_text("made: one", encoding="utf-8")
    assert words("en", made_city)("made") == "one"
    path.write_text("made: three", encoding="utf-8")
    assert words("en", made_city)("made") == "three"


# The project's own words.


@pytest.fixture(scope="module")
def catalogues(city):
    return {language: words(language, city).catalogue for language in languages(city)}


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def forms_for_one(entries):
    """Keys of counted nouns in the singular, which a language may lack; with the form for all other numbers."""
    found = {key: key.removesuffix(".one") + ".other" for key in entries if key.endswith(".one")}
    return {key: other for key, other in found.items() if other in entries}


def test_every_language_has_the_same_keys(catalogues):
    keys = {language: set(entries) - set(forms_for_one(entries)) for language, entries in catalogues.items()}
    for (first, own), (second, other) in pairwise(keys.items()):
        assert sorted(own - other) == [], f"in {first}, not in {second}"
        assert sorted(other - own) == [], f"in {second}, not in {first}"


def test_every_language_fills_the_same_placeholders(catalogues):
    first, *others = catalogues.values()
    for entries in others:
        for key in first.keys() & entries.keys():
            differing = placeholders(first[key]) ^ placeholders(entries[key])
            assert {(key, name) for name in differing} <= LEFT_OUT, key


def test_the_form_for_one_asks_for_nothing_more(catalogues):
    for entries in catalogues.values():
        for one, other in forms_for_one(entries).items():
            assert placeholders(entries[one]) <= placeholders(entries[other]), one


def test_every_pattern_can_be_filled(catalogues):
    for entries in catalogues.values():
        for key, text in entries.items():
            assert "" not in placeholders(text), key
            text.format(**dict.fromkeys(placeholders(text), 0))


def test_english_words_are_english(catalogues):
    wrong = {key: text for key, text in catalogues["en"].items() if HAN.search(ASIDE.sub("", text))}
    assert wrong == {}


def test_no_word_is_empty_or_a_yaml_accident(catalogues):
    for language, entries in catalogues.items():
        for key, text in entries.items():
            assert text not in ("None", "True", "False"), f"{language} {key}"
            assert not re.search(r"(^|\.)(True|False|None)(\.|$)", key), f"{language} {key}"


def test_chinese_words_use_chinese_punctuation(catalogues):
    half_width = re.compile(r"[\u3400-\u9fff][,;:!?]|[,;:!?][\u3400-\u9fff]")
    assert {key: text for key, text in catalogues["zh"].items() if half_width.search(text)} == {}
