"""Worked examples as they were printed, to the digits that were printed."""

from __future__ import annotations

import numpy as np
import pytest

from tylib.indicators import carbon, composite, input_output, shift_share
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


# Technology Achievement Index of 23 countries, Finland to Slovenia: OECD and JRC (2008), Handbook on Constructing
# Composite Indicators, Table A.2, p. 152; telephones and electricity in logarithms. One row an indicator.
TECHNOLOGY = np.array([
    [187, 289, 271, 994, 779, 189, 82, 31, 75, 8, 235, 103, 106, 72, 103, 165, 205, 74, 42, 13, 28, 26, 105],
    [125.6, 130, 156.6, 64.6, 9.8, 151.2, 134, 38.6, 18.2, 25.5, 36.8, 20.2, 110.3, 73.9, 13, 14.8, 33.6, 43.6, 8.6,
     9.8, 4.2, 6.2, 4],
    [200.2, 179.1, 125.8, 49, 4.8, 136, 57.4, 108, 125.9, 72.3, 41.2, 193.6, 48.6, 58.9, 146.7, 84.2, 36.4, 43.2, 21,
     30.4, 25, 21.6, 20.3],
    [50.7, 66.2, 59.7, 80.8, 66.7, 50.9, 61.9, 48.7, 16.2, 74.9, 64.2, 19, 53.6, 47.6, 15.4, 50.3, 58.9, 45, 53.4, 51,
     51.7, 63.5, 49.5],
    [3.08, 3.0, 3.1, 3.0, 2.97, 3.02, 3.02, 2.94, 2.94, 2.95, 2.94, 3.12, 2.97, 2.91, 2.86, 2.99, 2.97, 2.96, 2.86, 3.0,
     2.75, 2.73, 2.84],
    [4.15, 4.07, 4.14, 3.86, 3.65, 3.77, 3.73, 4.18, 3.94, 3.83, 3.75, 4.39, 3.68, 3.86, 3.91, 3.79, 3.8, 3.74, 3.62,
     3.65, 3.68, 3.46, 3.71],
    [10, 12, 11.4, 9.5, 10.8, 9.4, 9.4, 11.6, 10.9, 7.1, 10.2, 11.9, 9.4, 9.3, 11.7, 8.4, 7.9, 9.6, 7.3, 7.2, 9.5, 9.1,
     7.1],
    [27.4, 13.9, 15.3, 10, 23.2, 9.5, 14.9, 14.2, 25.3, 24.2, 14.4, 11.2, 12.3, 13.6, 13.1, 13.6, 12.6, 11, 15.6, 13,
     8.2, 7.7, 10.6],
]).T  # fmt: skip


def test_the_normalisations_of_the_handbook():
    # The same, Table 15, p. 87: years of schooling by rank (1 the lowest, ties share the smaller), z-score, min-max and
    # over the best; the standard deviation there is that of a sample, ours of these units.
    schooling = TECHNOLOGY[:, 6:7]
    rank = [15, 23, 19, 12, 17, 9, 9, 20, 18, 1, 16, 22, 9, 8, 21, 6, 5, 14, 4, 3, 12, 7, 1]
    z = [0.26, 1.52, 1.14, -0.06, 0.76, -0.12, -0.12, 1.27, 0.83, -1.58, 0.38, 1.46, -0.12, -0.19, 1.33, -0.76, -1.08,
         0, -1.46, -1.52, -0.06, -0.31, -1.58]  # fmt: skip
    least = [0.59, 1, 0.88, 0.49, 0.76, 0.47, 0.47, 0.92, 0.78, 0, 0.63, 0.98, 0.47, 0.45, 0.94, 0.27, 0.16, 0.51, 0.04,
             0.02, 0.49, 0.41, 0]  # fmt: skip
    best = [0.83, 1, 0.95, 0.79, 0.9, 0.78, 0.78, 0.97, 0.91, 0.59, 0.85, 0.99, 0.78, 0.78, 0.98, 0.7, 0.66, 0.8, 0.61,
            0.6, 0.79, 0.76, 0.59]  # fmt: skip
    found = {
        method: composite.normalise(schooling, method=method)[:, 0] for method in ("rank", "z", "min-max", "maximum")
    }
    assert (found["rank"] * 22 + 1).round(9).tolist() == rank
    assert (found["z"] * np.sqrt(22 / 23)).tolist() == pytest.approx(z, abs=0.00501)
    assert found["min-max"].tolist() == pytest.approx(least, abs=0.00501)
    assert found["maximum"].tolist() == pytest.approx(best, abs=0.00501)


def test_the_first_component_of_the_handbook():
    # The same, Table 16, p. 90: the first eigenvalue of the correlations has 41.9 per cent of the variance.
    _, share = composite.principal(TECHNOLOGY)
    assert (100 * share).round(1) == 41.9


def test_the_means_of_the_handbook():
    # The same, section 6.11, p. 104: 21, 1, 1, 1 and 6, 6, 6, 6 have one arithmetic mean, geometric ones of 2.14 and 6;
    # a unit more of the second value makes them 2.54 and 6.23 (cut there, not rounded).
    uneven, even = np.array([21.0, 1, 1, 1]), np.full(4, 6.0)
    assert composite.power_mean(uneven, np.ones(4)) == composite.power_mean(even, np.ones(4)) == 6
    more = [composite.power_mean(x + np.eye(4)[1], np.ones(4), power=0.0).item() for x in (uneven, even)]
    assert composite.power_mean(uneven, np.ones(4), power=0.0).round(2) == 2.14
    assert np.floor(100 * np.array(more)).tolist() == [254, 623]


def test_the_scale_of_the_best_depends_on_the_origin_of_the_unit():
    # The same, Table 14, p. 83: temperature and humidity of two countries over the leader, in Celsius and Fahrenheit.
    celsius, fahrenheit = np.array([[35.0, 75], [39, 50]]), np.array([[95.0, 75], [102.2, 50]])
    found = [composite.normalise(x, method="maximum").mean(axis=1).round(3).tolist() for x in (celsius, fahrenheit)]
    assert found == [[0.949, 0.833], [0.965, 0.833]]


def test_a_decomposition_of_two_categories_and_three_factors():
    # Heun and Brockway (2019), Applied Energy, supplement S3, simple example, with the figures of the package LMDIR
    # (github.com/MatthewHeun/LMDIR, tests/testthat/test_lmdi.R): effects and ratios from year to year, and with a zero
    # the cases of Ang, Zhang and Choi (1998), Energy 23, 489-495, table 2, p. 492.
    years = np.array(
        [[[1.0, 10, 2], [4, 5, 3]], [[4, 5, 3], [5, 6, 4]], [[8, 2, 4], [5, 7, 5]], [[10, 1, 5], [6, 8, 6]]]
    )
    x = np.moveaxis(years, -1, 0)  # factor, year, category
    found = carbon.lmdi(x[:, :-1], x[:, 1:])
    effects = [[69.79006598, -9.455125793, 39.66505981], [42.96021467, -34.31902656, 50.3588119],
               [54.01064234, -9.021284671, 54.01064234]]  # fmt: skip
    ratios = [[1.761117821, 0.926191306, 1.379410116], [1.229284572, 0.847970248, 1.273773912],
              [1.208140223, 0.968911503, 1.208140223]]  # fmt: skip
    np.testing.assert_allclose(found["effect"].T, effects, atol=1e-7)
    np.testing.assert_allclose(found["ratio"].T, ratios, atol=1e-8)
    assert found["change"].tolist() == [100, 59, 99]
    entering, leaving = x[:, 0, :1].copy(), x[:, 1, 1:].copy()
    entering[0], leaving[2] = 0, 0
    assert carbon.lmdi(entering, x[:, 1, :1])["effect"].tolist() == [60, 0, 0]
    assert carbon.lmdi(x[:, 0, 1:], leaving)["effect"].tolist() == [0, 0, -60]
