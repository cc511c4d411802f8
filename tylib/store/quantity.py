"""Figures as people print them: "1,000", ">55", "~30", "1/6", "低于500亿元", "40-50".

A printed figure is a value, or an interval open at one end, or a closed interval, with the printer's qualifier. It is
never rounded, scaled or guessed: "5万" is the figure 5 with the unit 万, and whoever knows the column's unit decides
what that means. What cannot be read with certainty is refused with a reason.

The grammar lives in one place, the polars expression :func:`quantities`; :func:`parse_quantity` is the same
expression over a single text, so that a column and a cell can never be read differently.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from tylib.errors import ParameterError

QUALIFIERS = ("=", ">", ">=", "<", "<=", "~")

FIELDS = pl.Struct(
    {
        "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
        "qualifier": pl.String, "interval": pl.String, "unit": pl.String, "reason": pl.String,
    }
)  # fmt: skip
_NAMES = list(FIELDS.to_schema())  # reason stands last

# Longer words first: "不超过" holds "超过", "no more than" holds "more than".
_BEFORE = {
    ">=": (">=", "≥", "at least", "no less than", "not less than", "不低于", "不少于", "不小于", "至少"),
    "<=": ("<=", "≤", "at most", "no more than", "not more than", "up to", "不超过", "不高于", "不多于", "至多"),
    ">": (">", "more than", "over", "above", "超过", "超", "逾", "高于", "大于", "多于"),
    "<": ("<", "less than", "fewer than", "under", "below", "低于", "不足", "不到", "小于", "少于"),
    "~": ("~", "≈", "about", "around", "nearly", "approximately", "approx.", "大约", "约", "接近", "近"),
    "=": ("=",),
}
_AFTER = {">=": ("以上", "+"), "<=": ("以下",), ">": ("余", "多"), "~": ("左右",)}

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT = r"[^\d\s<>=~+/;,()余多]+?(?:/[^\d\s<>=~+/;,()]+?)?(?: [^\d\s<>=~+/;,()]+?)?"
_WORDS = "|".join(sorted((w.replace(".", r"\.") for group in _BEFORE.values() for w in group), key=len, reverse=True))

_SINGLE = (
    rf"^(?<before>{_WORDS})?\s*(?<number>-?{_NUMBER})\s*(?<more>余|多|\+)?\s*"
    rf"(?<unit>{_UNIT})??\s*(?<after>以上|以下|左右|\+)?$"
)
_RANGE = rf"^(?<first>-?{_NUMBER})\s*%?\s*(?:-|–|—|~|to|至|到)\s*(?<last>-?{_NUMBER})\s*(?<range_unit>{_UNIT})?$"
_FRACTION = rf"^(?<part_before>{_WORDS})?\s*(?<over>\d+)/(?<under>\d+)$"
_TWO = rf"{_NUMBER}\D*\s/\s\D*{_NUMBER}"
_NOTHING = r"^(?:n/?a|-+|–|—|not found|not published|none|无|暂无|未公布|未找到)$"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure as it was printed.

    Attributes:
        value: The figure itself; ``None`` where only a bound or a range was printed.
        low: Lower end of a bound (">55") or range, else ``None``.
        high: Upper end of a bound ("<500") or range, else ``None``.
        qualifier: ``=``, ``>``, ``>=``, ``<``, ``<=`` or ``~``. A bound of ">" does not contain its end.
        interval: ``published_bound`` where there is a low or a high end, else ``None``.
        unit: Words printed after the figure, unscaled ("亿元" in "500亿元"), else ``None``.

    ``str`` gives a text that :func:`parse_quantity` reads back to an equal value:

    >>> str(Quantity(low=55.0, qualifier=">", interval="published_bound"))
    '>55'
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    qualifier: str = "="
    interval: str | None = None
    unit: str | None = None

    def __str__(self) -> str:
        if self.low is not None and self.high is not None:
            text = f"{_plain(self.low)} to {_plain(self.high)}"
        else:
            end = next(x for x in (self.value, self.low, self.high) if x is not None)
            text = ("" if self.qualifier == "=" else self.qualifier) + _plain(end)
        return f"{text} {self.unit}" if self.unit else text


def _plain(number: float) -> str:
    text = f"{Decimal(repr(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_quantity(text: str) -> Quantity:
    """Read one printed figure.

    Args:
        text: The figure with its qualifier and, if printed, its unit, in English or Chinese.

    Returns:
        The figure; a bound has ``low`` or ``high`` instead of ``value``.

    Raises:
        ParameterError: The text holds no figure, two figures ("9 / 141"), or something else that cannot be read
            with certainty.

    >>> parse_quantity(">55")
    Quantity(value=None, low=55.0, high=None, qualifier='>', interval='published_bound', unit=None)
    >>> parse_quantity("~30").value, parse_quantity("1/4").value, parse_quantity("1,234.5").value
    (30.0, 0.25, 1234.5)
    >>> parse_quantity("低于500亿元")
    Quantity(value=None, low=None, high=500.0, qualifier='<', interval='published_bound', unit='亿元')
    >>> parse_quantity("20余家").qualifier, parse_quantity("70%以上").low, parse_quantity("40-50").high
    ('>', 70.0, 50.0)
    >>> parse_quantity("9 / 141")
    Traceback (most recent call last):
        ...
    tylib.errors.ParameterError: figure "9 / 141" cannot be read: two figures in one cell; expected one figure ...
    """
    fields = pl.select(quantities(pl.lit(text, dtype=pl.String))).item()
    reason = "no text" if fields is None else fields.pop("reason")
    if reason is not None:
        raise ParameterError(
            f'figure "{text}" cannot be read: {reason}',
            expected='one figure such as "12.5", ">55", ">=30", "~30", "1/6", "40-50" or "低于500亿元"',
            remedy="Write two figures as two rows, and leave the cell empty where there is none.",
        )
    return Quantity(**fields)


def quantities(text: str | pl.Expr, /) -> pl.Expr:
    """Read a whole column of printed figures; the vectorised :func:`parse_quantity`.

    Args:
        text: Name of a text column, or an expression of texts.

    Returns:
        An expression of structs ``value, low, high`` (numbers), ``qualifier, interval, unit, reason`` (texts). Where
        ``reason`` is not null the text was refused and every other field is null: nothing is guessed, nothing raised.
        A null text gives a null struct. Zero stays a measured zero.

    >>> frame = pl.DataFrame({"printed": ["22.3", ">1000", "17 / 13", None]})
    >>> frame.select(quantities("printed").alias("q")).unnest("q").select("value", "low", "qualifier", "reason")
    shape: (4, 4)
    ┌───────┬────────┬───────────┬─────────────────────────┐
    │ value ┆ low    ┆ qualifier ┆ reason                  │
    │ ---   ┆ ---    ┆ ---       ┆ ---                     │
    │ f64   ┆ f64    ┆ str       ┆ str                     │
    ╞═══════╪════════╪═══════════╪═════════════════════════╡
    │ 22.3  ┆ null   ┆ =         ┆ null                    │
    │ null  ┆ 1000.0 ┆ >         ┆ null                    │
    │ null  ┆ null   ┆ null      ┆ two figures in one cell │
    │ null  ┆ null   ┆ null      ┆ null                    │
    └───────┴────────┴───────────┴─────────────────────────┘
    """
    raw = pl.col(text) if isinstance(text, str) else text
    return raw.cast(pl.String).map_batches(_read, return_dtype=FIELDS, is_elementwise=True)


def _read(texts: pl.Series) -> pl.Series:
    """One step a line, because each needs the one before; no row is visited by itself."""
    is_range, is_fraction = pl.col("last").is_not_null(), pl.col("under").is_not_null()
    upward, downward = pl.col("qualifier").is_in([">", ">="]), pl.col("qualifier").is_in(["<", "<="])
    is_point = ~is_range & ~upward & ~downward
    figure = pl.when(is_fraction).then(pl.col("over") / pl.col("under")).otherwise("number")
    refused = pl.col("reason").is_not_null()
    return (
        texts.alias("text").to_frame()
        .with_columns(clean=pl.col("text").str.normalize("NFKC").str.to_lowercase().str.replace_all("−", "-"))
        .with_columns(clean=pl.col("clean").str.strip_chars())
        .with_columns(pl.col("clean").str.extract_groups(_SINGLE).struct.unnest())
        .with_columns(pl.col("clean").str.extract_groups(_RANGE).struct.unnest())
        .with_columns(pl.col("clean").str.extract_groups(_FRACTION).struct.unnest())
        .with_columns(pl.col("number", "first", "last", "over", "under").str.replace_all(",", "").cast(pl.Float64))
        .with_columns(pl.coalesce("unit", "range_unit"), before=_symbol(pl.coalesce("before", "part_before"), _BEFORE),
                      more=_symbol(pl.col("more"), _AFTER), after=_symbol(pl.col("after"), _AFTER))
        .with_columns(said=pl.concat_list("before", "more", "after").list.drop_nulls().list.unique(maintain_order=True))
        .with_columns(qualifier=pl.col("said").list.get(0, null_on_oob=True).fill_null("="), reason=_reason())
        .with_columns(
            value=pl.when(is_point).then(figure),
            low=pl.when(is_range).then("first").when(upward).then(figure),
            high=pl.when(is_range).then("last").when(downward).then(figure),
            interval=pl.when(~is_point).then(pl.lit("published_bound")),
        )
        .with_columns(pl.when(~refused).then(pl.col(name)).alias(name) for name in _NAMES[:-1])
        .select(pl.when(pl.col("text").is_not_null()).then(pl.struct(_NAMES)).cast(FIELDS))
        .to_series()
        .alias(texts.name)
    )  # fmt: skip


def _reason() -> pl.Expr:
    """Why a text is refused; null where it is read."""
    clean, is_range = pl.col("clean"), pl.col("last").is_not_null()
    two_sided = (pl.col("said").list.len() > 1) | pl.col("unit").str.contains("以上|以下|左右")
    return (
        pl.when(clean.str.contains(_NOTHING) | (clean == "")).then(pl.lit("no figure in it"))
        .when(clean.str.contains(_TWO)).then(pl.lit("two figures in one cell"))
        .when(pl.all_horizontal(pl.col("number", "last", "under").is_null()))
        .then(pl.lit("not a figure with a known qualifier"))
        .when(two_sided).then(pl.lit("two qualifiers that disagree"))
        .when(is_range & (pl.col("first") > pl.col("last"))).then(pl.lit("a range whose ends stand in the wrong order"))
        .when(pl.col("under") == 0).then(pl.lit("a fraction of nothing"))
    )  # fmt: skip


def _symbol(words: pl.Expr, table: dict[str, tuple[str, ...]]) -> pl.Expr:
    known = {word: symbol for symbol, group in table.items() for word in group}
    return words.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
