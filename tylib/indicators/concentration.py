"""How unevenly a thing lies over places, people or plants: Gini, Theil, Hoover, Atkinson, Williamson."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import count, cube, gaps, long, over


def gini(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Gini's coefficient along the last axis, against equal parts or against weights.

    Places sorted by ``x / w``, p their shares of the weights, q of the values:
    ``G = 1 - sum_k p_k (Q_k + Q_k-1)``, Q the running sum of q: twice the area between Lorenz's curve from the origin
    and the diagonal. Largest possible value ``1 - min p``, ``(n - 1) / n`` unweighted.

    Args:
        values: ``(..., n)``, zero or more; NaN is left out.
        weights: The same shape; where they are not above zero the place is left out.

    Returns:
        ``(...)``; NaN where the total is not above zero.

    >>> gini(np.array([1.0, 1.0])).item(), gini(np.array([0.0, 0.0, 0.0, 1.0])).item()
    (0.0, 0.75)
    """
    x = count(values)
    if weights is None:
        ordered = np.sort(x, axis=-1)  # NaN last
        n = (~np.isnan(x)).sum(axis=-1)
        ordered = np.nan_to_num(ordered)
        rising = ordered @ np.arange(1.0, x.shape[-1] + 1)
        return over(2 * rising, n * ordered.sum(axis=-1)) - over(n + 1.0, n)
    w = np.where(np.isnan(x), 0.0, np.nan_to_num(count(weights)))
    x = np.where(w > 0, np.nan_to_num(x), 0.0)
    order = np.argsort(np.where(w > 0, over(x, w), np.inf), axis=-1)
    x, w = np.take_along_axis(x, order, -1), np.take_along_axis(w, order, -1)
    running = np.cumsum(x, axis=-1)
    area = (w * (2 * running - x)).sum(axis=-1)
    return 1 - over(area, x.sum(axis=-1) * w.sum(axis=-1))


def locational_gini(
    values: np.ndarray, reference: np.ndarray, *, normalisation: Literal["full", "half"] = "full"
) -> np.ndarray:
    """Gini's coefficient of a sector over places against a reference (all sectors, people).

    Args:
        values: ``(..., place)``.
        reference: The same shape, such as the place's total.
        normalisation: ``full`` runs from 0 to 1 (twice the area); ``half`` is the area itself, 0 to 1/2, as Krugman
            (1991) and EconGeo have it. Lorenz's curve starts at the origin in both.

    >>> locational_gini(np.array([1.0, 0.0]), np.array([1.0, 1.0]), normalisation="half").item()
    0.25
    """
    if normalisation not in ("full", "half"):
        raise ParameterError(f'unknown normalisation "{normalisation}"', expected="full or half")
    return gini(values, reference) * (0.5 if normalisation == "half" else 1.0)


def hoover(values: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
    """Share that would have to move for the values to lie like the reference: ``1/2 sum |x_i/X - p_i/P|``.

    Hoover (1936), Review of Economics and Statistics 18, 162-171. Without a reference, against equal parts.

    >>> hoover(np.array([3.0, 1.0])).item()
    0.25
    """
    x = count(values)
    p = np.where(np.isnan(x), 0.0, 1.0 if reference is None else np.nan_to_num(count(reference)))
    x = np.where(p > 0, np.nan_to_num(x), 0.0) if reference is None else np.nan_to_num(x)
    difference = np.abs(over(x, x.sum(axis=-1, keepdims=True)) - over(p, p.sum(axis=-1, keepdims=True)))
    return difference.sum(axis=-1) / 2


def theil(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Theil's T along the last axis: ``sum_i q_i ln(q_i / p_i)``, q shares of the values, p of the weights, in nats.

    Theil (1967), Economics and Information Theory, ch. 4. Unweighted ``p = 1/n``, that is the mean of
    ``x/m ln(x/m)``. ``0 ln 0 = 0``; NaN is left out; NaN without a positive total.

    >>> theil(np.array([1.0, 1.0])).item()
    0.0
    """
    return _theil(*_shares(values, weights))


def _shares(values: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    x = count(values)
    w = np.where(np.isnan(x), 0.0, 1.0 if weights is None else np.nan_to_num(count(weights)))
    x = np.where(w > 0, np.nan_to_num(x), 0.0)
    return over(x, x.sum(axis=-1, keepdims=True)), over(w, w.sum(axis=-1, keepdims=True))


def _theil(q: np.ndarray, p: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where((q > 0) & (p > 0), q * np.log(q / p), 0.0)
    return np.where(np.isnan(q).any(axis=-1), np.nan, terms.sum(axis=-1))


def theil_parts(
    values: np.ndarray, groups: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Theil's T between and within groups: ``T = sum_g q_g ln(q_g / p_g) + sum_g q_g T_g``.

    Args:
        values: ``(..., n)``.
        groups: ``(n,)``, any labels.
        weights: As in `theil`.

    Returns:
        Total, between, within; the first is the sum of the others.

    >>> [part.round(4).item() for part in theil_parts(np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1]))]
    [0.1308, 0.1308, 0.0]
    """
    q, p = _shares(values, weights)
    between = _theil(*(_grouped(shares, groups) for shares in (q, p)))
    total = _theil(q, p)
    return total, between, total - between


def _grouped(shares: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Sums along the last axis by group; NaN stays with its group."""
    member = np.asarray(groups)
    if member.dtype.kind not in "iu" or member.size == 0 or member.min() < 0 or member.max() > member.size:
        member = np.unique(member, return_inverse=True)[1]
    flat = shares.reshape(-1, shares.shape[-1])
    size = int(member.max()) + 1
    at = (np.arange(len(flat))[:, None] * size + member).ravel() if len(flat) > 1 else member
    sums = np.bincount(at, weights=flat.ravel(), minlength=size * len(flat))
    return sums.reshape(*shares.shape[:-1], size)


def log_deviation(values: np.ndarray) -> np.ndarray:
    """Mean logarithmic deviation (Theil's L): the mean of ``ln(m / x)``. NaN where a value is zero: it has no limit."""
    x = count(values)
    n = (~np.isnan(x)).sum(axis=-1)
    mean = over(np.nansum(x, axis=-1), n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((x == 0).any(axis=-1), np.nan, np.nansum(np.log(mean[..., None] / x), axis=-1) / n)


def atkinson(values: np.ndarray, *, aversion: float) -> np.ndarray:
    """Atkinson's index: ``1 - (mean (x/m)^(1-e))^(1/(1-e))``, for ``e = 1`` one less the geometric mean over the mean.

    Atkinson (1970), Journal of Economic Theory 2, 244-263. A zero makes it 1 where the aversion is 1 or more.
    """
    x = count(values)
    n = (~np.isnan(x)).sum(axis=-1)
    relative = over(x, over(np.nansum(x, axis=-1), n)[..., None])
    with np.errstate(divide="ignore", invalid="ignore"):
        if aversion == 1:
            return 1 - np.exp(np.nansum(np.log(relative), axis=-1) / n)
        return 1 - (np.nansum(relative ** (1 - aversion), axis=-1) / n) ** (1 / (1 - aversion))


def variation(values: np.ndarray, weights: np.ndarray | None = None, *, sample: bool = False) -> np.ndarray:
    """Coefficient of variation along the last axis; with the weights of people Williamson's index.

    ``sqrt(sum_i p_i (x_i - m)^2) / m``, m the mean with the same weights: Williamson (1965), Economic Development and
    Cultural Change 13, 1-84. ``sample`` divides by n - 1 (unweighted only).

    Args:
        values: ``(..., n)``, such as output a head; NaN is left out.
        weights: The same shape, such as persons.
        sample: Whether the places are a sample of more.

    >>> variation(np.array([1.0, 3.0])).item()
    0.5
    """
    x = np.asarray(values, dtype=float)
    w = np.where(np.isnan(x), 0.0, 1.0 if weights is None else np.nan_to_num(count(weights)))
    p = over(w, w.sum(axis=-1, keepdims=True))
    x = np.nan_to_num(x)
    mean = (p * x).sum(axis=-1)
    square = (p * (x - mean[..., None]) ** 2).sum(axis=-1)
    n = (w > 0).sum(axis=-1)
    return over(np.sqrt(over(square * n, n - 1.0) if sample else square), mean)


def concentration(frame: pl.DataFrame, /, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """How unevenly each sector lies over the places, against all sectors together.

    Args:
        frame: ``place, sector, value`` and the columns of ``by``; one unit, zero or more, one row a key.
        by: Keys within which shares are taken, such as a year or a draw.

    Returns:
        One row a sector: ``locational_gini`` (0 to 1), ``locational_gini_half`` (0 to 1/2), ``hoover``,
        ``herfindahl`` (over places), ``gini`` (against equal parts), ``theil`` (nats, against all sectors) and
        ``notes``: ``no_total``, ``missing`` (some places left out) or null.

    >>> frame = pl.DataFrame({"place": ["a", "b"] * 2, "sector": ["x", "x", "y", "y"], "value": [2.0, 0, 1, 1]})
    >>> concentration(frame)["hoover"].to_list()
    [0.25, 0.25]
    """
    values, axes = cube(frame, [*by, "place", "sector"])
    e = np.swapaxes(count(values), -1, -2)
    # A missing cell is left out of the reference too: what is compared covers the same places.
    total = np.broadcast_to(np.nansum(e, axis=-2, keepdims=True), e.shape)
    full = gini(e, total)
    q = over(e, np.nansum(e, axis=-1, keepdims=True))
    return long(
        axes.without("place"),
        locational_gini=full,
        locational_gini_half=full / 2,
        hoover=hoover(e, total),
        herfindahl=np.where(np.nansum(e, axis=-1) > 0, np.nansum(q**2, axis=-1), np.nan),
        gini=gini(e),
        theil=theil(e, total),
        notes=gaps(e),
    )


def unevenness(
    frame: pl.DataFrame, /, *, by: Sequence[str] = (), groups: str | None = None, weights: str | None = None
) -> pl.DataFrame:
    """Inequality of one figure over places, whole and by groups of places.

    Args:
        frame: ``place, value``, the columns of ``by``, and those named below; one row a key.
        by: Keys within which places are compared, such as a year or a draw.
        groups: Column with each place's group; adds ``between`` and ``within``, which sum to ``theil``.
        weights: Column with persons or another size; ``value`` is then an amount, not a figure a head.

    Returns:
        One row a key of ``by``: ``gini, theil, hoover``, ``variation`` (Williamson's of the amount over the weight
        where there are weights), ``between, within``. Null where no total is above zero.

    >>> unevenness(pl.DataFrame({"place": ["a", "b"], "value": [1.0, 3.0]})).select("gini", "hoover").row(0)
    (0.25, 0.25)
    """
    values, axes = cube(frame, [*by, "place"])
    size = cube(frame, [*by, "place"], value=weights)[0] if weights else None
    columns = {
        "gini": gini(values, size),
        "theil": theil(values, size),
        "hoover": hoover(values, size),
        "variation": variation(values if size is None else over(values, size), size),
    }
    if groups:
        member = frame.select("place", groups).unique().sort("place")
        if member.height != len(axes.labels[-1]) or member[groups].null_count():
            raise ParameterError("a place has no group or several", where=groups, expected="one group a place")
        _, columns["between"], columns["within"] = theil_parts(values, member[groups].to_numpy(), size)
    return long(axes.without("place"), **columns)
