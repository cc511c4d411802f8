"""Parameters: a key nobody knows, one that is missing, a number outside its range are told at once and by name."""

from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from tylib.errors import ParameterError
from tylib.store.params import Judgement, Judgements, judgements


@pytest.fixture
def changed(made_city):
    """Read the judgements after a change to them."""

    def read(change):
        path = made_city.params / "judgements.yml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return judgements(made_city)

    return read


def said(changed, change):
    with pytest.raises(ParameterError) as raised:
        changed(change)
    assert str(raised.value).startswith("params/judgements.yml: ")
    assert str(raised.value).endswith("Mend the file.")
    return str(raised.value)


def test_every_judgement_has_a_range_a_basis_and_a_reason_in_every_language(city):
    found = judgements(city)
    for name in Judgements.model_fields:
        one = getattr(found, name)
        assert one.low < one.high
        assert one.title.keys() == one.reason.keys() == {"zh", "en"}
        assert all(one.reason.values())
    assert found.conflict_tolerance.value == 0.002


def test_an_unknown_key_suggests_the_nearest(changed):
    message = said(changed, lambda c: c.update(conflict_tolerence=c["conflict_tolerance"]))
    assert "conflict_tolerence: unknown key, did you mean conflict_tolerance?" in message
    message = said(changed, lambda c: (c.pop("conflict_tolerence"), c["flat_change"].update(valeu=1)))
    assert "flat_change.valeu: unknown key, did you mean value?" in message


def test_a_key_like_no_other_is_unknown_without_a_guess(changed):
    assert "zzz: unknown key." in said(changed, lambda c: c.update(zzz=1))


def test_a_value_must_lie_in_its_own_range(changed, city):
    own = judgements(city).flat_change
    for end in (own.low, own.high):
        assert changed(lambda c, end=end: c["flat_change"].update(value=end)).flat_change.value == end
    for beyond in (own.low / 2, own.high * 2):
        message = said(changed, lambda c, value=beyond: c["flat_change"].update(value=value))
        assert f"flat_change: value {beyond} lies outside its own range {own.low} to {own.high}" in message


def test_everything_wrong_is_told_at_once(changed):
    def spoil(content):
        del content["flat_change"]
        content["conflict_tolerance"].update(value="much", basis="guess")

    message = said(changed, spoil)
    assert "flat_change: missing" in message
    assert "conflict_tolerance.value: " in message and "found 'much'" in message
    assert "conflict_tolerance.basis: " in message


def test_a_long_wrong_value_is_cut(changed):
    assert len(said(changed, lambda c: c.update(flat_change="x" * 500))) < 250


@pytest.mark.parametrize("content", ["a: [", "a: \xff"])
def test_what_is_not_yaml(made_city, content):
    (made_city.params / "judgements.yml").write_bytes(content.encode("latin-1"))
    with pytest.raises(ParameterError, match="expected YAML in UTF-8"):
        judgements(made_city)


def test_no_such_file(made_city):
    (made_city.params / "judgements.yml").unlink()
    with pytest.raises(ParameterError, match=r"params/judgements\.yml: no such file"):
        judgements(made_city)


def test_a_parameter_cannot_be_changed_in_passing(city):
    with pytest.raises(ValidationError):
        judgements(city).flat_change.value = 2.0
    assert "value" in Judgement.model_fields
