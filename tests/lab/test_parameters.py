"""A misspelt parameter is refused even where papermill alone would only warn of it."""

from __future__ import annotations

import pytest

from tylib.errors import ParameterError
from tylib.lab import _refuse_misspelt

DECLARED = 'unit: str = "county:1"  # which\nlanguage: str = "zh"'


def test_a_name_that_the_notebook_does_not_have_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match=r'unknown parameter "unti".*Did you mean "unit"'):
        _refuse_misspelt(["", DECLARED, '# Parameters\nunti = "county:2"', "import x"])


def test_known_names_and_plain_sessions_pass():
    _refuse_misspelt(["", DECLARED, '# Parameters\nunit = "county:2"'])
    _refuse_misspelt(["", DECLARED, "%matplotlib inline", "x = 1"])
    _refuse_misspelt([])
