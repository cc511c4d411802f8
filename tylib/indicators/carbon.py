"""What moved energy and carbon: exact decomposition by logarithmic mean (LMDI-I), Kaya's identity, decoupling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import count, cube, long, over
from tylib.indicators.rows import extended, rows, within, years


def logarithmic_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """``L(a, b) = (a - b) / (ln a - ln b)``, ``L(a, a) = a``, and its limit 0 where either is zero.

    Ang (2005), Energy Policy 33, 867-871; zeros as Ang and Liu (2007), Energy Policy 35, 238-246.

    Args:
        a: Zero or more, any shape; NaN where missing.
        b: What spreads to it.

    Returns:
        The shape of both; NaN where either is missing.

    >>> logarithmic_mean(np.array([1.0, 2.0, 0.0]), np.array([np.e, 2.0, 3.0])).round(6).tolist()
    [1.718282, 2.0, 0.0]
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _mean(a, b, np.log(a) - np.log(b))
    return np.where(np.isnan(a + b), np.nan, np.where((a > 0) & (b > 0), mean, 0.0))


def _mean(a: np.ndarray, b: np.ndarray, log: np.ndarray) -> np.ndarray:
    """The mean of values above zero, of which the logarithm of the quotient is known already."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        mean = np.asarray((a - b) / log)
        # Where both are nearly equal log1p keeps the digits a difference of logarithms loses; nearer still, a series.
        close = np.flatnonzero(np.abs(log) <= 0.1)
        if close.size:
            near = b.flat[close]
            step = (a.flat[close] - near) / near
            series = near * (1 + step / 2 - step**2 / 12)
            mean.flat[close] = np.where(np.abs(step) > 1e-8, near * step / np.log1p(step), series)
    return mean


def lmdi(start: np.ndarray, end: np.ndarray) -> dict[str, np.ndarray]:
    """Additive and multiplicative effects of every factor of a sum of products, LMDI-I.

    ``C = sum_s prod_k x_ks``; ``dC_k = sum_s L(c1_s, c0_s) ln(x1_ks / x0_ks)``; ``D_k = exp(dC_k / L(C1, C0))``. Exact:
    ``sum_k dC_k = C1 - C0``, ``prod_k D_k = C1 / C0``. Ang (2005), Energy Policy 33, 867-871; Ang and Liu (2007),
    Energy Policy 35, 238-246 for zeros.

    A term that enters or leaves is counted in full for the factors that are zero at its empty end, in equal parts if
    there are several: the limit that a small value in place of zero approaches. A factor that is unknown (NaN) at that
    end, as the intensity of what is not made, has no effect.

    Args:
        start: ``(factor, ..., term)``, zero or more; a factor of the whole (activity) is repeated for each term.
        end: The same at the end.

    Returns:
        ``effect`` ``(factor, ...)``, ``ratio`` ``(factor, ...)`` and ``change`` ``(...)`` in the unit of the product.
        NaN where a factor is unknown and nothing else says that its product is zero; the ratio also where a total is
        zero.

    Raises:
        ParameterError: A negative value.

    >>> found = lmdi(np.array([[100.0], [2.0]]), np.array([[200.0], [1.0]]))
    >>> found["effect"].round(3).ravel().tolist(), found["ratio"].ravel().tolist(), found["change"].item()
    ([138.629, -138.629], [2.0, 0.5], 0.0)
    """
    x0, x1 = np.broadcast_arrays(count(start), count(end))
    c0, c1 = x0.prod(axis=0), x1.prod(axis=0)
    ends = np.isfinite(c0).all() and np.isfinite(c1).all() and c0.all() and c1.all()
    if ends:
        with np.errstate(over="ignore", under="ignore", divide="ignore"):
            effect = x1 / x0
            np.log(effect, out=effect)
        if not np.isfinite(effect.sum()):  # the quotient itself is beyond what a number holds
            effect = np.log(x1) - np.log(x0)
        effect *= _mean(c1, c0, effect.sum(axis=0))
    else:
        effect, c0, c1 = _with_zeros(x0, x1)
    total, C0, C1 = effect.sum(axis=-1), c0.sum(axis=-1), c1.sum(axis=-1)
    with np.errstate(over="ignore"):
        ratio = np.exp(over(total, logarithmic_mean(C1, C0)))
    return {"effect": total, "ratio": np.where(np.isinf(ratio), np.nan, ratio), "change": C1 - C0}


def _with_zeros(x0: np.ndarray, x1: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects where terms enter, leave or are unknown, and the products at both ends."""
    c0, c1 = (np.where((x == 0).any(axis=0), 0.0, x.prod(axis=0)) for x in (x0, x1))
    mean = logarithmic_mean(c1, c0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where((x0 > 0) & (x1 > 0), np.log(x1 / x0), np.where((x0 == 0) | (x1 == 0), 0.0, np.nan))
        effect = np.where(mean > 0, mean * log, np.where(np.isnan(mean), np.nan, 0.0))
    empty = np.where((c0 == 0) != (c1 == 0), (np.where(c0 == 0, x0, x1) == 0).astype(float), 0.0)
    shared = np.nan_to_num(over(empty, empty.sum(axis=0))) * np.where(empty > 0, c1 - c0, 0.0)
    return effect + shared, c0, c1


def decomposition(
    frame: pl.DataFrame, /, *, factors: Sequence[str], start: int, end: int, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Effects of factors on the change of a sum of their products, place by place.

    Equation: see `lmdi`; the factors multiply to the quantity that is explained (output of all, share of the sector,
    energy an output, carbon an energy). A sector that enters or leaves needs a row of zeros where it is not there: one
    that has no row is missing, and an effect on a sum of which a part is missing is not known.

    Args:
        frame: ``place, sector, year``, one column a factor, and the columns of ``by``; one row a key.
        factors: Names of these columns, two at least.
        start: First year.
        end: Last year.
        by: Keys such as a draw.

    Returns:
        ``place, factor, effect`` (the product's unit), ``share`` (per cent of the change, null where there is none),
        ``ratio`` and ``notes``: ``missing`` or null, sorted by place, factors in the order given. Null where a factor
        is unknown.

    Raises:
        ParameterError: ``end`` is not after ``start``, a negative factor, fewer than two of them.

    >>> table = {"year": [2020, 2024], "output": [100.0, 200.0], "use": [2.0, 1.0]}
    >>> frame = pl.DataFrame({"place": "a", "sector": "x", **table})
    >>> decomposition(frame, factors=["output", "use"], start=2020, end=2024)["effect"].round(2).to_list()
    [138.63, -138.63]
    """
    names = within(factors, where="factors")
    if len(names) < 2:
        raise ParameterError("nothing to take apart", where="factors", expected="two at least")
    keys = sorted(within(by, "year", "place", "sector"), key="year".__ne__)  # the year first
    asked = {"year": years(frame, start, end)}
    spread = [cube(frame, keys, value=name, labels=asked) for name in names]
    stacked = np.stack([array for array, _ in spread], axis=1)
    # A sector of which no factor is known in either year is not there; one that is half known is missing.
    nothing = np.isnan(stacked).all(axis=(0, 1))
    found = lmdi(*np.where(nothing, 0.0, stacked))
    places = spread[0][1].without("year", "sector")
    change = np.where(nothing.all(axis=-1), np.nan, found["change"])
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(change != 0, 100 * found["effect"] / change, np.nan) + 0.0  # -0.0 is 0.0
    parts = [
        long(places, effect=effect + np.where(np.isnan(change), np.nan, 0.0), share=share, ratio=ratio).with_columns(
            factor=pl.lit(name), _at=pl.lit(at)
        )
        for at, (name, effect, share, ratio) in enumerate(
            zip(names, found["effect"], shares, found["ratio"], strict=True)
        )
    ]
    unknown = pl.col("effect").is_null()
    return pl.concat(parts).sort(*places.names, "_at").select(
        *places.names, "factor", "effect", share=pl.when(~unknown).then("share"), ratio=pl.when(~unknown).then("ratio"),
        notes=pl.when(unknown).then(pl.lit("missing")),
    )  # fmt: skip


def kaya(frame: pl.DataFrame, /, *, start: int, end: int, by: Sequence[str] = ()) -> pl.DataFrame:
    """Kaya's identity: people, output a head, energy an output, carbon an energy, by LMDI-I.

    ``C = P * (Y / P) * (E / Y) * (C / E)``: Kaya (1990), IPCC Energy and Industry Subgroup.

    Args:
        frame: ``place, year, people, output, energy, carbon``, one row a key; units as they come, above zero.
        start: First year.
        end: Last year.
        by: Keys such as a draw.

    Returns:
        As `decomposition`, factors ``people, affluence, energy_intensity, carbon_intensity``. Null where a figure is
        missing or not above zero (carbon may be zero).

    Raises:
        ParameterError: ``end`` is not after ``start``, negative people, a key that occurs twice.

    >>> frame = pl.DataFrame({"place": "a", "year": [2020, 2024], "people": [1.0, 1], "output": [1.0, 2],
    ...     "energy": [1.0, 2], "carbon": [3.0, 6]})
    >>> kaya(frame, start=2020, end=2024)["effect"].round(6).to_list()
    [0.0, 3.0, 0.0, 0.0]
    """

    def quotient(part: str, whole: str) -> pl.Expr:
        measured = (pl.col(whole) > 0) & ((pl.col(part) > 0) | (pl.lit(part == "carbon") & (pl.col(part) == 0)))
        return pl.when(measured).then(pl.col(part) / pl.col(whole))

    keys = within(by, "place", "year")
    known = rows(frame, keys=keys, numbers=["people", "output", "energy", "carbon"])
    terms = known.select(
        *keys, sector=pl.lit("all"), people="people", affluence=quotient("output", "people"),
        energy_intensity=quotient("energy", "output"), carbon_intensity=quotient("carbon", "energy"),
    )  # fmt: skip
    names = ("people", "affluence", "energy_intensity", "carbon_intensity")
    return decomposition(terms, factors=names, start=start, end=end, by=by)


STATES = (
    "strong_decoupling", "weak_decoupling", "expansive_coupling", "expansive_negative_decoupling",
    "strong_negative_decoupling", "weak_negative_decoupling", "recessive_coupling", "recessive_decoupling",
)  # fmt: skip


def tapio(frame: pl.DataFrame, /, *, band: float = 0.2) -> pl.DataFrame:
    """Elasticity of pressure to output, and the state of decoupling it means.

    ``e = ((C1 - C0) / C0) / ((Y1 - Y0) / Y0)``; coupled while e is within ``1 -+ band``: Tapio (2005), Transport
    Policy 12, 137-151.

    Args:
        frame: ``pressure_start, pressure_end, output_start, output_end``, zero or more; other columns stay.
        band: Half the width of coupling.

    Returns:
        The frame with ``elasticity`` and ``state``, one of `STATES`. Both are null where a figure is missing, a start
        is not above zero, an end is below zero or output does not change.

    Raises:
        ParameterError: A band that is not within 0 to 1; a column is missing or holds no numbers.

    >>> row = {"pressure_start": [10.0], "pressure_end": [11.0], "output_start": [10.0], "output_end": [15.0]}
    >>> tapio(pl.DataFrame(row)).select("elasticity", "state").row(0)
    (0.2..., 'weak_decoupling')
    """
    if not 0 <= band < 1:
        raise ParameterError(f"a band of {band}", where="band", expected="zero or more and below 1")
    ends = [f"{of}_{end}" for of in ("pressure", "output") for end in ("start", "end")]
    pressure, output = (pl.col(f"{of}_end") / pl.col(f"{of}_start") - 1 for of in ("pressure", "output"))
    positive = (pl.col("pressure_start") > 0) & (pl.col("output_start") > 0)
    known = positive & (pl.col("pressure_end") >= 0) & (pl.col("output_end") >= 0) & (output != 0)
    found = extended(frame, ends, elasticity=pl.when(known).then(pressure / output))
    e, up = pl.col("elasticity"), pl.col("output_end") > pl.col("output_start")
    low, high = e < 1 - band, e > 1 + band
    state = (
        pl.when(up & (e < 0)).then(pl.lit(STATES[0])).when(up & low).then(pl.lit(STATES[1]))
        .when(up & ~high).then(pl.lit(STATES[2])).when(up).then(pl.lit(STATES[3]))
        .when(e < 0).then(pl.lit(STATES[4])).when(low).then(pl.lit(STATES[5]))
        .when(~high).then(pl.lit(STATES[6])).otherwise(pl.lit(STATES[7]))
    )  # fmt: skip
    return found.with_columns(state=pl.when(e.is_not_null()).then(state))
