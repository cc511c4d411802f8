"""How a filled spreadsheet becomes rows: a text in one language stands for the others, a key is no language."""

from __future__ import annotations

from tylib.store.mapping import _in_every_language, _in_languages

COLUMNS = {"measure_id", "measure_zh", "measure_en", "name_zh", "name_en", "source_id", "value"}


def test_only_languages_make_twins():
    assert _in_languages(COLUMNS, ["en", "zh"]) == [["measure_en", "measure_zh"], ["name_en", "name_zh"]]


def test_a_key_never_stands_for_a_text():
    pairs = _in_languages(COLUMNS, ["en", "zh"])
    filled = _in_every_language({"measure_id": "I0001-10", "measure_zh": "建设工厂"}, pairs, {})
    assert filled == {"measure_id": "I0001-10", "measure_zh": "建设工厂", "measure_en": "建设工厂"}


def test_what_stands_already_keeps_its_other_language():
    pairs = _in_languages(COLUMNS, ["en", "zh"])
    standing = {"name_zh": "醋厂", "name_en": "Vinegar works"}
    assert _in_every_language({"name_zh": "醋厂"}, pairs, standing) == {"name_zh": "醋厂"}
    assert _in_every_language({"name_zh": "新厂"}, pairs, standing)["name_en"] == "新厂"
