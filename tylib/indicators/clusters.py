"""Clusters: concentration beyond the size of plants, the index of Litzenberger and Sternberg, stars with their bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import count, cube, long, over
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


def coagglomeration(shares: np.ndarray, reference: np.ndarray, plants: np.ndarray) -> np.ndarray:
    """How far industries of a group lie together beyond what each does alone.

    ``gamma_c = (G / (1 - sum x^2) - H - sum_j g_j w_j^2 (1 - H_j)) / (1 - sum_j w_j^2)``, w the industries' shares of
    the group, ``H = sum w_j^2 H_j``: Ellison and Glaeser (1997).

    Args:
        shares: ``(..., industry, place)``, employment; two industries at least.
        reference: ``(..., place)``, all employment.
        plants: ``(..., industry)``, Herfindahl's index of each.

    Returns:
        ``(...)``; NaN for a group that is one industry.
    """
    e, H = count(shares), np.asarray(plants, dtype=float)
    x = over(count(reference), np.sum(reference, axis=-1, keepdims=True))
    own = ellison_glaeser(e, np.broadcast_to(x[..., None, :], e.shape), H)["gamma"]
    w = over(e.sum(axis=-1), e.sum(axis=(-2, -1))[..., None])
    together = over(e.sum(axis=-2), e.sum(axis=(-2, -1))[..., None])
    raw = ((together - x) ** 2).sum(axis=-1)
    weight = w**2
    alone = np.where(H < 1, own * (1 - H), 0.0)
    rest = raw / (1 - (x**2).sum(axis=-1)) - (weight * H).sum(axis=-1) - (weight * alone).sum(axis=-1)
    return over(rest, 1 - weight.sum(axis=-1))


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
        As ``values``; zero without employment, NaN where something is missing or a total is not above zero.
    """
    e, b = count(values), count(firms)
    share, firm = (over(a, np.nansum(a, axis=-2, keepdims=True)) for a in (e, b))
    p, a = (over(w, np.nansum(w, axis=-1, keepdims=True))[..., None] for w in (count(people), count(area)))
    # e/a * e/p / (e/b): one e cancels, so that a place without employment is zero and not undefined.
    return over(share * firm, a * p)


def agglomeration(plants: pl.DataFrame, reference: pl.DataFrame, /) -> pl.DataFrame:
    """Ellison and Glaeser's gamma of each sector from a list of plants.

    Args:
        plants: ``sector, place, value``, one row a plant, persons employed (zero or more).
        reference: ``place, value``, all employment of each place in the same unit, one row a place.

    Returns:
        One row a sector: ``gamma, raw, z, plants`` (how many), ``herfindahl`` (of their sizes) and ``notes``:
        ``single_plant`` (gamma has no value) or null.

    Raises:
        ParameterError: A plant stands in a place without a reference.

    >>> plants = pl.DataFrame({"sector": ["x"] * 4, "place": ["a", "a", "a", "b"], "value": [1.0] * 4})
    >>> agglomeration(plants, pl.DataFrame({"place": ["a", "b"], "value": [1.0, 1.0]}))["gamma"].round(3).to_list()
    [0.0]
    """
    share = pl.col("value") / pl.col("value").sum()
    known = plants.filter(pl.col("value").is_not_null())
    if not known["place"].is_in(reference["place"].implode()).all():
        raise ParameterError("a plant stands in a place without a reference", expected="every place in the reference")
    sizes = (
        known.group_by("sector")
        .agg(pl.len().alias("plants"), (share**2).sum().alias("H"), (share**4).sum().alias("fourth"))
        .sort("sector")
    )
    whole, places = cube(reference, ["place"])
    e, axes = cube(
        known.group_by("sector", "place").agg(pl.col("value").sum()),
        ["sector", "place"],
        labels={"place": places.labels[0], "sector": sizes["sector"]},
    )
    H, e = sizes["H"].to_numpy(), np.nan_to_num(e)
    found = ellison_glaeser(e, np.broadcast_to(whole, e.shape), H, sizes["fourth"].to_numpy())
    return long(
        axes.without("place"),
        **found,
        plants=sizes["plants"].cast(pl.Int64).to_numpy(),
        herfindahl=H,
        notes=np.where(H < 1, "", "single_plant"),
    )


def cluster_indices(frame: pl.DataFrame, places: pl.DataFrame, /) -> pl.DataFrame:
    """Cluster index of Litzenberger and Sternberg of every place and sector.

    Args:
        frame: ``place, sector, value`` (persons employed) and ``firms`` (their number), one row a key.
        places: ``place, people, area`` of each, one row a place.

    Returns:
        One row a place and sector: ``index``; null where something is missing.

    >>> frame = pl.DataFrame({"place": ["a", "b"], "sector": "x", "value": [3.0, 1.0], "firms": [1.0, 1.0]})
    >>> cluster_indices(frame, pl.DataFrame({"place": ["a", "b"], "people": 1.0, "area": 1.0}))["index"].to_list()
    [1.5, 0.5]
    """
    values, axes = cube(frame, ["place", "sector"])
    firms, _ = cube(frame, ["place", "sector"], value="firms")
    labels = {"place": axes.labels[0]}
    people, area = (cube(places, ["place"], value=name, labels=labels)[0] for name in ("people", "area"))
    return long(axes, index=cluster_index(values, firms, people, area))


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
    least size has no star, however special: few jobs in a small place make a high quotient by chance.

    Args:
        frame: ``place, sector, value`` and the columns of ``by``; persons, or another unit where not ``counts``.
        minimum: Least value for any star, in the unit of ``value``.
        by: Keys within which places are compared.
        quotient: Bar of the star for specialisation.
        top: Share of the places that have the sector, at least one.
        counts: The values are counts: no star for specialisation where the interval of the quotient holds 1.

    Returns:
        One row a place and sector: ``lq, size, specialisation, focus`` (true or false), ``stars`` (0 to 3) and
        ``notes``: ``too_small``, ``uncertain`` (the interval holds 1), as in `location_quotients`, or null. Null where
        the value is missing.

    >>> frame = pl.DataFrame({"place": ["a", "b"] * 2, "sector": ["x", "x", "y", "y"], "value": [90.0, 0, 10, 100]})
    >>> cluster_stars(frame, minimum=20, quotient=1.5)["stars"].to_list()
    [3, 0, 0, 3]
    """
    table = location_quotients(frame, by=by, counts=counts)
    values, axes = cube(frame, [*by, "place", "sector"])
    share = over(values, np.nansum(values, axis=-1, keepdims=True))
    joined = pl.concat([table, long(axes, value=values, share=share).drop(axes.names)], how="horizontal")

    def among(column: str) -> pl.Expr:
        have = pl.when(pl.col(column) > 0).then(pl.col(column))
        bar = (have.count() * top).ceil().clip(1)
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


def coagglomerations(plants: pl.DataFrame, reference: pl.DataFrame, groups: pl.DataFrame, /) -> pl.DataFrame:
    """How far the sectors of each group lie together beyond what each does alone.

    Equation: see `coagglomeration`.

    Args:
        plants: ``sector, place, value``, as in `agglomeration`.
        reference: ``place, value``, all employment of each place.
        groups: ``group, sector``; a sector may stand in several groups.

    Returns:
        ``group, gamma, sectors`` (how many with plants), sorted; null for a group with plants in fewer than two.

    Raises:
        ParameterError: A plant stands in a place without a reference.

    >>> plants = pl.DataFrame({"sector": ["x", "x", "y", "y"], "place": ["a", "b"] * 2, "value": [1.0, 1, 1, 1]})
    >>> places = pl.DataFrame({"place": ["a", "b"], "value": [1.0, 1.0]})
    >>> coagglomerations(plants, places, pl.DataFrame({"group": "g", "sector": ["x", "y"]})).row(0)
    ('g', 0.0, 2)
    """
    alone = agglomeration(plants, reference)
    whole, places = cube(reference, ["place"])
    labels = {"place": places.labels[0], "sector": alone["sector"]}
    sums = plants.filter(pl.col("value").is_not_null()).group_by("sector", "place").agg(pl.col("value").sum())
    e, H = np.nan_to_num(cube(sums, ["sector", "place"], labels=labels)[0]), alone["herfindahl"].to_numpy()
    rows = []
    for name, members in groups.sort("group").group_by("group", maintain_order=True):
        at = np.flatnonzero(alone["sector"].is_in(members["sector"].implode()).to_numpy())
        gamma = float(coagglomeration(e[at], whole, H[at])) if len(at) > 1 else None
        rows.append((name[0], gamma, len(at)))
    schema = {"group": groups["group"].dtype, "gamma": pl.Float64, "sectors": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("gamma").fill_nan(None))
