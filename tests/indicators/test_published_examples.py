"""Worked examples as they were printed, to the digits that were printed."""

from __future__ import annotations

import numpy as np
import pytest

from tylib.indicators import composite, input_output, shift_share
from tylib.indicators.specialisation import location_quotient


def test_shift_and_share_of_holukuluku():
    # G. Krumme, University of Washington, Geography 350, "Shift & Share Table":
    # http://faculty.washington.edu/krumme/350/ssexcel.html. The nation grows by 10, 20, 30 and 40 per cent, 29 in all.
    region, later = np.array([500.0, 100, 200, 200]), np.array([1000.0, 100, 250, 280])
    nation = np.array([10.0, 20, 40, 30])
    found = shift_share.components(region, later, nation, nation * [1.1, 1.2, 1.3, 1.4])
    assert found["change"].sum() == pytest.approx(630)
    assert found["national"].sum() == pytest.approx(290)
    assert found["regional"].tolist() == pytest.approx([450, -20, -10, 0], abs=1e-9)
    assert found["mix"].tolist() == pytest.approx([-95, -9, 2, 22])
    assert found["mix"].sum() == pytest.approx(-80) and found["regional"].sum() == pytest.approx(420)
    quotient = location_quotient(np.stack([region, nation * 1e9]))[0]
    assert quotient.round(3).tolist() == [5, 0.5, 0.5, 0.667]


def test_the_longevity_index_of_the_human_development_report():
    # Human Development Report 2013, frequently asked questions: 55 years between the goalposts 20 and 83.57 are 0.551.
    found = composite.normalise(np.array([[55.0]]), method="goalposts", low=np.array([20.0]), high=np.array([83.57]))
    assert found.round(3).item() == 0.551


def test_the_two_sectors_of_miller_and_blair():
    # Miller and Blair (2009), Input-Output Analysis, 2nd edition, section 2.3.
    A = input_output.coefficients(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    assert input_output.inverse(input_output.factor(A)).round(4).tolist() == [[1.2541, 0.33], [0.264, 1.1221]]


def test_the_equal_choice_of_topsis():
    # pymcdm's documentation: price 1, 2, 5 (less is better) against quality 3000, 3750, 4500, min-max, equal weights.
    table = np.array([[1.0, 3000], [2, 3750], [5, 4500]])
    found = composite.topsis(table, np.full(2, 0.5), direction=np.array([-1, 1]), normalisation="min-max")
    assert found.round(3).tolist() == [0.5, 0.617, 0.5]
