"""How unevenly a thing lies over places, people or plants: Gini, Theil, Hoover, Atkinson, Williamson."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from tylib.errors import ParameterError
from tylib.indicators.cube import count, cube, gaps, long, over, scaled
from tylib.indicators.rows import rows, within


def gini(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Gini's coefficient along the last axis, against equal parts or against weights.

    Places sorted by ``x / w``, p their shares of the weights, q of the values:
    ``G = 1 - sum_k p_k (Q_k + Q_k-1)``, Q the running sum of q: twice the area between Lorenz's curve from the origin
    and the diagonal. Largest possible value ``1 - min p``, ``(n - 1) / n`` unweighted. Gini (1912), Variabilità e
    mutabilità; in this form Sen (1973), On Economic Inequality, ch. 2.

    Args:
        values: ``(..., n)``, zero or more; NaN is left out.
        weights: The same shape; where they are not above zero the place is left out.

    Returns:
        ``(...)``; NaN where the total is not above zero.

    Raises:
        ParameterError: A negative value.

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
    x, w = (scaled(np.take_along_axis(a, order, -1)) for a in (x, w))
    running = np.cumsum(x, axis=-1)
    area = (w * (2 * running - x)).sum(axis=-1)
    return 1 - over(area, x.sum(axis=-1) * w.sum(axis=-1))


def locational_gini(
    values: np.ndarray, reference: np.ndarray, *, normalisation: Literal["full", "half"] = "full"
) -> np.ndarray:
    """Gini's coefficient of a sector over places against a reference (all sectors, people): see `gini`.

    Krugman (1991), Geography and Trade, appendix A.

    Args:
        values: ``(..., place)``.
        reference: The same shape, such as the place's total.
        normalisation: ``full`` runs from 0 to 1 (twice the area); ``half`` is the area itself, 0 to 1/2, as Krugman
            (1991) and EconGeo have it. Lorenz's curve starts at the origin in both.

    Returns:
        ``(...)``; NaN where a total is not above zero.

    Raises:
        ParameterError: A negative value or an unknown normalisation.

    >>> locational_gini(np.array([1.0, 0.0]), np.array([1.0, 1.0]), normalisation="half").item()
    0.25
    """
    if normalisation not in ("full", "half"):
        raise ParameterError(f'unknown normalisation "{normalisation}"', expected="full or half")
    return gini(values, reference) * (0.5 if normalisation == "half" else 1.0)


def hoover(values: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
    """Share that would have to move for the values to lie like the reference: ``1/2 sum |x_i/X - p_i/P|``.

    Hoover (1936), Review of Economics and Statistics 18, 162-171.

    Args:
        values: ``(..., n)``, zero or more; NaN is left out.
        reference: The same shape; without one, equal parts. Where it is missing the place is left out of both; where
            it is zero all of the value has to move.

    Returns:
        ``(...)``, from 0 to 1; NaN where a total is not above zero.

    Raises:
        ParameterError: A negative value.

    >>> hoover(np.array([3.0, 1.0])).item()
    0.25
    """
    x = count(values)
    p = np.ones_like(x) if reference is None else count(reference)
    known = ~np.isnan(x + p)
    x, p = np.where(known, x, 0.0), np.where(known, p, 0.0)
    difference = np.abs(over(x, x.sum(axis=-1, keepdims=True)) - over(p, p.sum(axis=-1, keepdims=True)))
    return np.where(x.sum(axis=-1) > 0, difference.sum(axis=-1) / 2, np.nan)


def theil(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Theil's T along the last axis: ``sum_i q_i ln(q_i / p_i)``, q shares of the values, p of the weights, in nats.

    Theil (1967), Economics and Information Theory, ch. 4. Unweighted ``p = 1/n``, that is the mean of
    ``x/m ln(x/m)``. ``0 ln 0 = 0``.

    Args:
        values: ``(..., n)``, zero or more; NaN is left out.
        weights: The same shape; where they are not above zero the place is left out.

    Returns:
        ``(...)``; NaN without a positive total.

    Raises:
        ParameterError: A negative value.

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
    return np.where(np.isnan(q).any(axis=-1) | (q.shape[-1] == 0), np.nan, terms.sum(axis=-1))


def theil_parts(
    values: np.ndarray, groups: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Theil's T between and within groups: ``T = sum_g q_g ln(q_g / p_g) + sum_g q_g T_g``.

    Theil (1967), Economics and Information Theory, ch. 4.

    Args:
        values: ``(..., n)``.
        groups: ``(n,)``, any labels.
        weights: As in `theil`.

    Returns:
        Total, between, within; the first is the sum of the others.

    Raises:
        ParameterError: A negative value.

    >>> [part.round(4).item() for part in theil_parts(np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1]))]
    [0.1308, 0.1308, 0.0]
    """
    q, p = _shares(values, weights)
    between = _theil(*(_grouped(shares, groups) for shares in (q, p)))
    total = _theil(q, p)
    return total, between, total - between


def _grouped(shares: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Sums along the last axis by group; NaN stays with its group."""
    if not shares.size:
        return shares
    member = np.asarray(groups)
    if member.dtype.kind not in "iu" or member.size == 0 or member.min() < 0 or member.max() > member.size:
        member = np.unique(member, return_inverse=True)[1]
    flat = shares.reshape(-1, shares.shape[-1])
    size = int(member.max()) + 1
    at = (np.arange(len(flat))[:, None] * size + member).ravel() if len(flat) > 1 else member
    sums = np.bincount(at, weights=flat.ravel(), minlength=size * len(flat))
    return sums.reshape(*shares.shape[:-1], size)


def log_deviation(values: np.ndarray) -> np.ndarray:
    """Mean logarithmic deviation (Theil's L): the mean of ``ln(m / x)``, m the mean.

    Theil (1967), Economics and Information Theory, ch. 4.

    Args:
        values: ``(..., n)``, zero or more; NaN is left out.

    Returns:
        ``(...)``; NaN where a value is zero: it has no limit.

    Raises:
        ParameterError: A negative value.

    >>> log_deviation(np.array([1.0, 3.0])).round(4).item()
    0.1438
    """
    x = count(values)
    n = (~np.isnan(x)).sum(axis=-1)
    mean = over(np.nansum(x, axis=-1), n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((x == 0).any(axis=-1), np.nan, np.nansum(np.log(mean[..., None] / x), axis=-1) / n)


def atkinson(values: np.ndarray, *, aversion: float) -> np.ndarray:
    """Atkinson's index: ``1 - (mean (x/m)^(1-e))^(1/(1-e))``, for ``e = 1`` one less the geometric mean over the mean.

    Atkinson (1970), Journal of Economic Theory 2, 244-263.

    Args:
        values: ``(..., n)``, zero or more; NaN is left out.
        aversion: e, above zero; the more, the more the smallest count. A zero makes the index 1 where it is 1 or more.

    Returns:
        ``(...)``, from 0 to 1; NaN without a positive total.

    Raises:
        ParameterError: A negative value, or an aversion that is not above zero.

    >>> atkinson(np.array([1.0, 3.0]), aversion=1.0).round(4).item()
    0.134
    """
    if not 0 < aversion < np.inf:
        raise ParameterError(f"an aversion of {aversion}", where="aversion", expected="above zero")
    x = count(values)
    n = (~np.isnan(x)).sum(axis=-1)
    mean = over(np.nansum(x, axis=-1), n)
    relative = over(x, mean[..., None])
    with np.errstate(divide="ignore", invalid="ignore"):
        if aversion == 1:
            alike = np.exp(np.nansum(np.log(relative), axis=-1) / n)
        else:
            alike = (np.nansum(relative ** (1 - aversion), axis=-1) / n) ** (1 / (1 - aversion))
    return np.where(mean > 0, 1 - alike, np.nan)


def variation(values: np.ndarray, weights: np.ndarray | None = None, *, sample: bool = False) -> np.ndarray:
    """Coefficient of variation along the last axis; with the weights of people Williamson's index.

    ``sqrt(sum_i p_i (x_i - m)^2) / m``, m the mean with the same weights: Williamson (1965), Economic Development and
    Cultural Change 13, 1-84. ``sample`` divides by n - 1 (unweighted only).

    Args:
        values: ``(..., n)``, such as output a head; NaN is left out.
        weights: The same shape, such as persons.
        sample: Whether the places are a sample of more.

    Returns:
        ``(...)``; NaN where the mean is not above zero.

    Raises:
        ParameterError: A negative weight.

    >>> variation(np.array([1.0, 3.0])).item()
    0.5
    """
    x = np.asarray(values, dtype=float)
    w = np.where(np.isnan(x), 0.0, 1.0 if weights is None else np.nan_to_num(count(weights)))
    p = over(w, w.sum(axis=-1, keepdims=True))
    x = scaled(np.nan_to_num(x))
    mean = (p * x).sum(axis=-1)
    square = (p * (x - mean[..., None]) ** 2).sum(axis=-1)
    n = (w > 0).sum(axis=-1)
    return over(np.sqrt(over(square * n, n - 1.0) if sample else square), mean)


def concentration(frame: pl.DataFrame, /, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """How unevenly each sector lies over the places, against all sectors together.

    Equations and sources: see `locational_gini`, `hoover`, `gini`, `theil`, and `herfindahl` of specialisation.

    Args:
        frame: ``place, sector, value`` and the columns of ``by``; one unit, zero or more, one row a key.
        by: Keys within which shares are taken, such as a year or a draw.

    Returns:
        One row a sector: ``locational_gini`` (0 to 1), ``locational_gini_half`` (0 to 1/2), ``hoover``,
        ``herfindahl`` (over places), ``gini`` (against equal parts), ``theil`` (nats, against all sectors) and
        ``notes``: ``no_total``, ``missing`` (some places left out) or null.

    Raises:
        ParameterError: A negative or infinite value, a key that occurs twice.

    >>> frame = pl.DataFrame({"place": ["a", "b"] * 2, "sector": ["x", "x", "y", "y"], "value": [2.0, 0, 1, 1]})
    >>> concentration(frame)["hoover"].to_list()
    [0.25, 0.25]
    """
    values, axes = cube(frame, within(by, "place", "sector"))
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

    Equations and sources: see `gini`, `theil`, `hoover`, `variation`, `theil_parts`.

    Args:
        frame: ``place, value``, the columns of ``by``, and those named below; one row a key.
        by: Keys within which places are compared, such as a year or a draw.
        groups: Column with each place's group; adds ``between`` and ``within``, which sum to ``theil``.
        weights: Column with persons or another size; ``value`` is then an amount, not a figure a head.

    Returns:
        One row a key of ``by``: ``gini, theil, hoover``, ``variation`` (Williamson's of the amount over the weight
        where there are weights), ``between, within`` and ``notes``: ``no_total``, ``missing`` (some places left out, as
        they have no value or weight) or null. Null where no total is above zero.

    Raises:
        ParameterError: A negative or infinite value, a key that occurs twice, a place with no group or several.

    >>> unevenness(pl.DataFrame({"place": ["a", "b"], "value": [1.0, 3.0]})).select("gini", "hoover").row(0)
    (0.25, 0.25)
    """
    keys = within(by, "place")
    values, axes = cube(frame, keys)
    size = cube(frame, keys, value=weights)[0] if weights else None
    columns = {
        "gini": gini(values, size),
        "theil": theil(values, size),
        "hoover": hoover(values, size),
        "variation": variation(values if size is None else over(values, size), size),
    }
    if groups:
        member = rows(frame, keys=["place", groups]).select("place", groups).unique().sort("place")
        if member.height != len(axes.labels[-1]) or member[groups].null_count():
            raise ParameterError("a place has no group or several", where=groups, expected="one group a place")
        _, columns["between"], columns["within"] = theil_parts(values, member[groups].to_numpy(), size)
    known = values if size is None else np.where(np.isnan(size), np.nan, values)
    return long(axes.without("place"), **columns, notes=gaps(known))
