"""Clusters: concentration beyond the size of plants, the index of Litzenberger and Sternberg, stars with their bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import Axes, beside, count, cube, filled, long, over, scaled
from tylib.indicators.rows import alike, rows, within
from tylib.indicators.specialisation import location_quotients


def ellison_glaeser(
    shares: np.ndarray, reference: np.ndarray, plants: np.ndarray, plants_fourth: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Concentration of an industry beyond what the size of its plants explains.

    ``gamma = (G - (1 - sum x^2) H) / ((1 - sum x^2)(1 - H))``, ``G = sum (s - x)^2``: Ellison and Glaeser (1997),
    Journal of Political Economy 105, 889-927; ``z`` is G less its expectation over its standard error.

    Args:
        shares: ``(..., place)``, the industry's employment by place (any unit; shares are taken).
        reference: The same shape, all employment.
        plants: ``(...)``, Herfindahl's index H of plant sizes.
        plants_fourth: Sum of fourth powers of plants' shares, for z.

    Returns:
        ``gamma, raw`` (G) and ``z`` (NaN without the fourth powers). NaN for an industry of one plant: H is 1.

    Raises:
        ParameterError: A negative value.

    >>> found = ellison_glaeser(np.array([3.0, 1.0]), np.array([1.0, 1.0]), np.array(0.1))
    >>> found["gamma"].round(4).item(), found["raw"].item()
    (0.1667, 0.125)
    """
    s, x = (over(a, a.sum(axis=-1, keepdims=True)) for a in (count(shares), count(reference)))
    square, cube_, H = (x**2).sum(axis=-1), (x**3).sum(axis=-1), np.asarray(plants, dtype=float)
    raw = ((s - x) ** 2).sum(axis=-1)
    fourth = np.nan if plants_fourth is None else plants_fourth
    spread = H**2 * (square - 2 * cube_ + square**2) - fourth * (square - 4 * cube_ + 3 * square**2)
    expected = (1 - square) * H
    return {
        "gamma": over(raw - expected, (1 - square) * (1 - H)),
        "raw": raw,
        "z": over(raw - expected, np.sqrt(2 * np.maximum(spread, 0))),
    }


def coagglomeration(
    shares: np.ndarray, reference: np.ndarray, plants: np.ndarray, *, member: np.ndarray | None = None
) -> np.ndarray:
    """How far industries of a group lie together beyond what each does alone.

    ``gamma_c = (G / (1 - sum x^2) - H - sum_j g_j w_j^2 (1 - H_j)) / (1 - sum_j w_j^2)``, w the industries' shares of
    the group, ``H = sum w_j^2 H_j``: Ellison and Glaeser (1997), Journal of Political Economy 105, 889-927.

    Args:
        shares: ``(..., industry, place)``, employment; two industries at least. One without any has no weight.
        reference: ``(..., place)``, all employment.
        plants: ``(..., industry)``, Herfindahl's index of each.
        member: ``(group, industry)``, true where an industry belongs to a group; without it all are one group.

    Returns:
        ``(...)``, with ``member`` ``(..., group)``; NaN for a group that is one industry, or of which one is missing.

    Raises:
        ParameterError: A negative value.

    >>> apart = np.array([[10.0, 0.0], [0.0, 10.0]])
    >>> coagglomeration(apart, np.array([1.0, 1.0]), np.array([0.1, 0.1])).round(6).item()
    -1.0
    """
    given, H = count(shares), np.asarray(plants, dtype=float)
    belongs = np.ones((1, given.shape[-2])) if member is None else np.asarray(member, dtype=float)
    e, x = filled(given), count(reference)
    x = over(x, np.sum(x, axis=-1, keepdims=True))
    own = ellison_glaeser(e, np.broadcast_to(x[..., None, :], e.shape), H)["gamma"]
    together = belongs @ e
    together = over(together, together.sum(axis=-1, keepdims=True))
    size = scaled(e.sum(axis=-1))
    whole = size @ belongs.T
    raw = ((together - x[..., None, :]) ** 2).sum(axis=-1)
    alone = np.where((H < 1) & (size > 0), own * (1 - H), 0.0)
    weight, single = size**2, np.where(size > 0, H, 0.0)
    squares = (over(part @ belongs.T, whole**2) for part in (weight * single, weight * alone, weight))
    inner, drawn, concentrated = squares
    rest = over(raw, 1 - (x**2).sum(axis=-1)[..., None]) - inner - drawn
    gap = np.isnan(given).any(axis=-1).astype(float) @ belongs.T > 0
    found = np.where(gap, np.nan, over(rest, 1 - concentrated))
    return found[..., 0] if member is None else found


def cluster_index(values: np.ndarray, firms: np.ndarray, people: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Cluster index of Litzenberger and Sternberg of every place and sector.

    Relative density times relative stock a head over relative size of firms, ``CI = ID * IS / PS`` with
    ``ID = (e_ij/a_i)/(e_j/A)``, ``IS = (e_ij/p_i)/(e_j/P)``, ``PS = (e_ij/b_ij)/(e_j/b_j)``: Litzenberger and Sternberg
    (2006), Geographische Zeitschrift 94, 209-224. 1 is the average place; four is their bar for a cluster.

    Args:
        values: ``(..., place, sector)``, employment.
        firms: The same shape, number of firms b.
        people: ``(..., place)``, persons.
        area: ``(..., place)``, any unit of area.

    Returns:
        As ``values``; zero without employment, NaN where a total is not above zero or something is missing. There the
        place is left out of all four totals of the sector.

    Raises:
        ParameterError: A negative value.

    >>> cluster_index(np.array([[3.0], [1.0]]), np.ones((2, 1)), np.ones(2), np.ones(2)).ravel().tolist()
    [1.5, 0.5]
    """
    figures = np.broadcast_arrays(count(values), count(firms), count(people)[..., None], count(area)[..., None])
    known = ~np.isnan(sum(figures))
    share, firm, p, a = (over(w, np.where(known, w, 0.0).sum(axis=-2, keepdims=True)) for w in figures)
    # e/a * e/p / (e/b): one e cancels, so that a place without employment is zero and not undefined.
    return over(share * firm, a * p)


def agglomeration(plants: pl.DataFrame, reference: pl.DataFrame, /, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Ellison and Glaeser's gamma of each sector from a list of plants.

    Equation: see `ellison_glaeser`.

    Args:
        plants: ``sector, place, value`` and the columns of ``by``, one row a plant, persons employed (zero or more).
        reference: ``place, value``, all employment of each place in the same unit, one row a place, and of the columns
            of ``by`` those that tell it apart.
        by: Keys such as a year or a draw, within each of which the same is done.

    Returns:
        One row a sector: ``gamma, raw, z, plants`` (how many have a value), ``herfindahl`` (of their sizes) and
        ``notes``: ``no_plants``, ``no_total`` (nobody works there, or in any place), ``single_plant`` (all work in one:
        gamma has no value), ``single_place`` (there is no other), ``missing`` (plants without a value left out) or
        null.

    Raises:
        ParameterError: A plant stands in a place without a reference; a negative value.

    >>> plants = pl.DataFrame({"sector": ["x"] * 4, "place": ["a", "a", "a", "b"], "value": [1.0] * 4})
    >>> agglomeration(plants, pl.DataFrame({"place": ["a", "b"], "value": [1.0, 1.0]}))["gamma"].round(3).to_list()
    [0.0]
    """
    e, whole, axes, sizes = _plants(plants, reference, by)
    H, number = sizes["H"], sizes["plants"]
    found = ellison_glaeser(e, np.broadcast_to(whole, e.shape), H, sizes["fourth"])
    total, places = e.sum(axis=-1), (whole > 0).sum(axis=-1)
    cases = [number == 0, (total == 0) | (places == 0), ~(H < 1), (places == 1) & (total > 0), sizes["gaps"] > 0]
    names = ["no_plants", "no_total", "single_plant", "single_place", "missing"]
    return long(axes, **found, plants=number, herfindahl=H, notes=np.select(cases, names, ""))


def _plants(
    plants: pl.DataFrame, reference: pl.DataFrame, by: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, Axes, dict[str, np.ndarray]]:
    """Employment by sector and place, the reference's beside it, axes without places, and the sizes of plants."""
    keys = within(by, "sector", "place")
    known = rows(plants, keys=keys, numbers=["value"])
    count(known["value"].to_numpy())
    value = pl.col("value")
    share = value / value.sum()
    sums = known.group_by(keys).agg(value.sum()).sort(keys)
    measured = rows(reference, keys=["place"], numbers=["value"]).filter(value.is_not_null())
    places = alike(measured, sums, ["place"])["place"].drop_nulls().unique().sort()
    e, axes = cube(sums, keys, labels={"place": places})
    whole = beside(measured, axes, needed=["place"], by=by, table="reference")
    stands = rows(sums.filter(value > 0), keys=keys)
    if not stands["place"].is_in(places.implode()).all() or (np.isnan(whole) & (filled(e) > 0)).any():
        raise ParameterError("a plant stands in a place without a reference", expected="every place in the reference")
    sizes = known.group_by(keys[:-1]).agg(
        value.count().alias("plants"), (share**2).sum().alias("H"), (share**4).sum().alias("fourth"),
        value.null_count().alias("gaps"),
    )  # fmt: skip
    found = axes.without("place")
    spread = {name: beside(sizes, found, needed=found.names, value=name) for name in ("plants", "H", "fourth", "gaps")}
    spread |= {name: filled(spread[name]).astype(np.int64) for name in ("plants", "gaps")}
    return filled(e), filled(whole), found, spread


def cluster_indices(frame: pl.DataFrame, places: pl.DataFrame, /, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Cluster index of Litzenberger and Sternberg of every place and sector.

    Equation: see `cluster_index`.

    Args:
        frame: ``place, sector, value`` (persons employed), ``firms`` (their number) and the columns of ``by``, one row
            a key.
        places: ``place, people, area`` of each, one row a place, and of the columns of ``by`` those that tell it apart.
        by: Keys such as a year or a draw, within each of which the same is done.

    Returns:
        One row a place and sector: ``index`` and ``notes``: ``missing`` (one of the four figures is), ``no_total`` (a
        total is not above zero) or null. Null where there is such a note.

    Raises:
        ParameterError: A negative or infinite value, a key that occurs twice.

    >>> frame = pl.DataFrame({"place": ["a", "b"], "sector": "x", "value": [3.0, 1.0], "firms": [1.0, 1.0]})
    >>> cluster_indices(frame, pl.DataFrame({"place": ["a", "b"], "people": 1.0, "area": 1.0}))["index"].to_list()
    [1.5, 0.5]
    """
    keys = within(by, "place", "sector")
    values, axes = cube(frame, keys)
    firms, _ = cube(frame, keys, value="firms")
    people, area = (
        beside(places, axes, needed=["place"], by=by, value=name, table="places")[..., 0] for name in ("people", "area")
    )
    index = cluster_index(values, firms, people, area)
    absent = np.isnan(values + firms + people[..., None] + area[..., None])
    return long(axes, index=index, notes=np.select([absent, np.isnan(index)], ["missing", "no_total"], ""))


def cluster_stars(
    frame: pl.DataFrame,
    /,
    *,
    minimum: float,
    by: Sequence[str] = (),
    quotient: float = 2.0,
    top: float = 0.1,
    counts: bool = False,
) -> pl.DataFrame:
    """Stars of the European Cluster Observatory, none below a least size.

    One star each for size (among the largest ``top`` of places in the sector), specialisation (location quotient of
    ``quotient`` or more) and focus (among the largest ``top`` by the sector's share of the place). A place below the
    least size has no star, however special: few jobs in a small place make a high quotient by chance. European Cluster
    Observatory (2007), Innovation Clusters in Europe, whose bars are 10 %, 2 and 10 %, without a least size.

    Args:
        frame: ``place, sector, value`` and the columns of ``by``; persons, or another unit where not ``counts``.
        minimum: Least value for any star, in the unit of ``value``.
        by: Keys within which places are compared.
        quotient: Bar of the star for specialisation.
        top: Share of the places that have the sector, above 0 to 1; at least one place.
        counts: The values are counts: no star for specialisation where the interval of the quotient holds 1.

    Returns:
        One row a place and sector: ``lq, size, specialisation, focus`` (true or false), ``stars`` (0 to 3) and
        ``notes``: ``too_small``, ``uncertain`` (the interval holds 1), as in `location_quotients`, or null. Null where
        the value is missing.

    Raises:
        ParameterError: A bar outside its range; a negative or infinite value, a key that occurs twice.

    >>> frame = pl.DataFrame({"place": ["a", "b"] * 2, "sector": ["x", "x", "y", "y"], "value": [90.0, 0, 10, 100]})
    >>> cluster_stars(frame, minimum=20, quotient=1.5)["stars"].to_list()
    [3, 0, 0, 3]
    """
    if not (0 < top <= 1 and 0 < quotient < np.inf and np.isfinite(minimum)):
        raise ParameterError(
            f"bars of {minimum}, {quotient} and {top}", where="minimum, quotient, top",
            expected="a number, one above zero, and a share above 0 to 1",
        )  # fmt: skip
    table = location_quotients(frame, by=by, counts=counts, kin=False)
    values, axes = cube(frame, within(by, "place", "sector"))
    share = over(values, np.nansum(values, axis=-1, keepdims=True))
    joined = pl.concat([table, long(axes, value=values, share=share).drop(axes.names)], how="horizontal")

    def among(column: str) -> pl.Expr:
        have = pl.when(pl.col(column) > 0).then(pl.col(column))
        bar = (have.count() * top - 1e-9).ceil().clip(1)  # 7 % of a hundred is seven, not a little more
        return (have.rank("min", descending=True) <= bar).over(*by, "sector").fill_null(False)

    enough = pl.col("value") >= minimum
    certain = pl.col("low") > 1 if counts else pl.lit(True)
    special = pl.col("lq") >= quotient * (1 - 1e-12)
    known = pl.col("lq").is_not_null()
    return joined.with_columns(
        size=pl.when(known).then(among("value") & enough),
        specialisation=pl.when(known).then(special & enough & certain.fill_null(False)),
        focus=pl.when(known).then(among("share") & enough),
        notes=pl.when(known & ~enough).then(pl.lit("too_small"))
        .when(known & special & ~certain.fill_null(False)).then(pl.lit("uncertain"))
        .otherwise("notes"),
    ).select(
        *axes.names, "lq", "size", "specialisation", "focus",
        stars=pl.when(known).then(pl.sum_horizontal(pl.col("size", "specialisation", "focus").cast(pl.Int64))),
        notes="notes",
    )  # fmt: skip


def coagglomerations(
    plants: pl.DataFrame, reference: pl.DataFrame, groups: pl.DataFrame, /, *, by: Sequence[str] = ()
) -> pl.DataFrame:
    """How far the sectors of each group lie together beyond what each does alone.

    Equation: see `coagglomeration`.

    Args:
        plants: ``sector, place, value`` and the columns of ``by``, as in `agglomeration`.
        reference: ``place, value``, all employment of each place, as in `agglomeration`.
        groups: ``group, sector``; a sector may stand in several groups.
        by: Keys such as a year or a draw, within each of which the same is done.

    Returns:
        ``group, gamma, sectors`` (how many with plants), sorted, and ``notes``: ``too_few`` where fewer than two have
        plants (gamma is null), ``no_total`` where nobody works in two of them, or null.

    Raises:
        ParameterError: A plant stands in a place without a reference; a negative value.

    >>> plants = pl.DataFrame({"sector": ["x", "x", "y", "y"], "place": ["a", "b"] * 2, "value": [1.0, 1, 1, 1]})
    >>> places = pl.DataFrame({"place": ["a", "b"], "value": [1.0, 1.0]})
    >>> coagglomerations(plants, places, pl.DataFrame({"group": "g", "sector": ["x", "y"]})).row(0)
    ('g', 0.0, 2, None)
    """
    e, whole, axes, sizes = _plants(plants, reference, by)
    listed = rows(groups, keys=["group", "sector"]).select("group", "sector", value=pl.lit(1.0)).unique()
    names = listed["group"].unique().sort()
    belongs, _ = cube(listed, ["group", "sector"], labels={"group": names, "sector": axes.labels[-1]})
    belongs = filled(belongs)
    sectors = ((sizes["plants"] > 0) @ belongs.T).astype(np.int64)
    gamma = coagglomeration(e, whole[..., 0, :], sizes["H"], member=belongs)
    gamma = np.where(sectors > 1, gamma, np.nan)
    found = Axes((*axes.names[:-1], "group"), (*axes.labels[:-1], names))
    notes = np.select([sectors < 2, np.isnan(gamma)], ["too_few", "no_total"], "")
    return long(found, gamma=gamma, sectors=sectors, notes=notes)
