"""Periods as people print them: "2022", "H1 2022", "Jan-Sep 2023", "2022年上半年", "2016-2020".

The written form of a period in every table is one of

======================  ==========================================  =============
form                    meaning                                     whole years
======================  ==========================================  =============
``2022``                a calendar year                             yes
``2016-2020``           from the first year to the last             yes
``2022H1``              a half-year                                 no
``2022Q1``              a quarter                                   no
``2025M10``             a month                                     no
``2022M1-M4``           months of one year                          no (M1-M12: yes)
``2022M9-2023M7``       months across years                         no
======================  ==========================================  =============

Years run from 1900 to 2099. An undated figure has no period (null). A year that a text only supposes ("c. 2013",
"2024 (inferred)") is not read: whoever knows better writes the period and says so. A part of a year is never
stretched to the year.

The grammar lives in one place, the polars expression :func:`periods`; :func:`parse_period` is the same expression
over a single text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from tylib.errors import ParameterError

if TYPE_CHECKING:
    from datetime import date

FIELDS = pl.Struct(
    {"period": pl.String, "start": pl.Date, "end": pl.Date, "whole_years": pl.Boolean, "reason": pl.String}
)
_NAMES = list(FIELDS.to_schema())  # reason stands last

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = r"(?:19|20)\d\d"
_NR = r"0?[1-9]|1[0-2]"
_TO = r" ?(?:-|–|—|~|to|至|到) ?"
_TWO_YEARS = rf"^({_YEAR})年?(?:,| and|和|、) ?({_YEAR})年?$"
_REMARK = r" ?(?:\([^()]*\)|target|plan|vintage)$"
_OTHER_TIME = rf"\([^()]*(?:{_YEAR}|\bh[12]\b|\bq[1-4]\b|\bm\d|half|quarter|month|月|季|半年)[^()]*\)$"
_UNDATED = r"^(?:n/?a|-+|n\.?d\.?.*|.*undated.*|.*no year.*|latest|planned|not found|not stated|未注明.*|不详|无日期|)$"
_SUPPOSED = r"\binferred|\?|推断|推测|约|\bc\.|\bcirca\b|\babout\b|\baround\b"
_WRITTEN = (
    r"^(?<y1>(?:19|20)\d\d)(?:H(?<half>[12])|Q(?<quarter>[1-4])|M(?<m1>0?[1-9]|1[0-2]))?"
    r"(?:-(?<y2>(?:19|20)\d\d)?(?:M(?<m2>0?[1-9]|1[0-2]))?)?$"
)
_NUMBERS = ("y1", "half", "quarter", "m1", "y2", "m2")

# Saying -> written form. Written forms are in capitals, so that none of them is a saying of another.
_SAYINGS: tuple[tuple[str, str], ...] = (
    (rf"^({_YEAR})(?:年度?)?$", "${1}"),
    (rf"^(?:by )?end(?: of)?[- ]({_YEAR})$|^({_YEAR})年[底末]$", "${1}${2}"),
    (rf"^({_YEAR})年?{_TO}({_YEAR})年?$", "${1}-${2}"),
    (_TWO_YEARS, "${1}-${2}"),
    (rf"^({_YEAR})-(0[1-9]|1[0-2])$", "${1}M${2}"),
    (r"^(19|20)(\d\d)-(\d\d)$", "${1}${2}-${1}${3}"),
    (rf"^({_YEAR}) ?h([12])$", "${1}H${2}"),
    (rf"^h([12]) ({_YEAR})$", "${2}H${1}"),
    (rf"^first half(?: of)? ({_YEAR})$|^({_YEAR})年上半年$", "${1}${2}H1"),
    (rf"^second half(?: of)? ({_YEAR})$|^({_YEAR})年下半年$", "${1}${2}H2"),
    (rf"^({_YEAR}) ?q([1-4])$|^({_YEAR})年第?([1-4])季度$", "${1}${3}Q${2}${4}"),
    (rf"^q([1-4]) ({_YEAR})$", "${2}Q${1}"),
    *((rf"^({_YEAR})年第?{name}季度$", f"${{1}}Q{n}") for n, name in enumerate("一二三四", start=1)),
    (rf"^({_YEAR})年前三个?季度$", "${1}M1-M9"),
    (rf"^m({_NR}) ({_YEAR})$", "${2}M${1}"),
    (rf"^m({_NR}){_TO}m({_NR}) ({_YEAR})$", "${3}M${1}-M${2}"),
    (rf"^({_YEAR}) ?m({_NR})$|^({_YEAR})年({_NR})月$", "${1}${3}M${2}${4}"),
    (rf"^({_YEAR}) ?m({_NR})-m?({_NR})$|^({_YEAR})年({_NR}){_TO}({_NR})月$", "${1}${4}M${2}${5}-M${3}${6}"),
    (rf"^({_YEAR}) ?m({_NR})-({_YEAR}) ?m({_NR})$", "${1}M${2}-${3}M${4}"),
    (rf"^({_YEAR})-({_NR}){_TO}({_YEAR})-({_NR})$", "${1}M${2}-${3}M${4}"),
)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time that a figure stands for.

    Attributes:
        period: Its written form (see the module).
        start: First day.
        end: Last day.
        whole_years: Whether it begins on 1 January and ends on 31 December: only such figures are set beside annual
            ones. A figure of "2016-2020" may be a total, an average or a state that held throughout; its indicator
            says which.
    """

    period: str
    start: date
    end: date
    whole_years: bool

    def __str__(self) -> str:
        return self.period


@lru_cache(maxsize=4096)
def parse_period(text: str) -> Period:
    """Read one printed period.

    Args:
        text: A written form or a saying in English or Chinese; a remark in brackets at the end is passed
            over unless it names a time of its own.

    Returns:
        The period with its first and last day.

    Raises:
        ParameterError: Undated; a supposed year ("c. 2023", "2024 (inferred)"); two readings ("2011-12": December or
            two years?); an end before the start; or no period at all.

    >>> parse_period("H1 2022")
    Period(period='2022H1', start=datetime.date(2022, 1, 1), end=datetime.date(2022, 6, 30), whole_years=False)
    >>> [parse_period(t).period for t in ("Jan-Sep 2023", "2022年前三季度", "2024-26", "2023-07", "end-2025")]
    ['2023M1-M9', '2022M1-M9', '2024-2026', '2023M7', '2025']
    >>> parse_period("2021 and 2022").whole_years, parse_period("2022 (10 chains)").period
    (True, '2022')
    >>> parse_period("2011-12")
    Traceback (most recent call last):
        ...
    tylib.errors.ParameterError: period "2011-12" cannot be read: a month, or two years?; expected ...
    """
    fields = pl.select(periods(pl.lit(text, dtype=pl.String))).item()
    reason = "no text" if fields is None else fields.pop("reason")
    if reason is not None:
        raise ParameterError(
            f'period "{text}" cannot be read: {reason}',
            expected='a period such as "2022", "2022H1", "2022Q1", "2022M1-M4", "2025M10" or "2016-2020"',
            remedy="Leave it empty where the source gives no date.",
        )
    return Period(**fields)


def periods(text: str | pl.Expr, /) -> pl.Expr:
    """Read a whole column of printed periods; the vectorised :func:`parse_period`.

    Args:
        text: Name of a text column, or an expression of texts.

    Returns:
        An expression of structs ``period`` (text), ``start, end`` (first and last day), ``whole_years`` (boolean) and
        ``reason`` (text). Where ``reason`` is not null the text was refused and the other fields are null. A null text
        gives a null struct.

    >>> frame = pl.DataFrame({"printed": ["2022H1", "2013-2014", "c. 2023", None]})
    >>> frame.select(periods("printed").alias("p")).unnest("p")
    shape: (4, 5)
    ┌───────────┬────────────┬────────────┬─────────────┬─────────────────┐
    │ period    ┆ start      ┆ end        ┆ whole_years ┆ reason          │
    │ ---       ┆ ---        ┆ ---        ┆ ---         ┆ ---             │
    │ str       ┆ date       ┆ date       ┆ bool        ┆ str             │
    ╞═══════════╪════════════╪════════════╪═════════════╪═════════════════╡
    │ 2022H1    ┆ 2022-01-01 ┆ 2022-06-30 ┆ false       ┆ null            │
    │ 2013-2014 ┆ 2013-01-01 ┆ 2014-12-31 ┆ true        ┆ null            │
    │ null      ┆ null       ┆ null       ┆ null        ┆ a supposed date │
    │ null      ┆ null       ┆ null       ┆ null        ┆ null            │
    └───────────┴────────────┴────────────┴─────────────┴─────────────────┘
    """
    raw = pl.col(text) if isinstance(text, str) else text
    return raw.cast(pl.String).map_batches(_read, return_dtype=FIELDS, is_elementwise=True)


def _read(texts: pl.Series) -> pl.Series:
    """One step a line, because each needs the one before; no row is visited by itself."""
    whole = (pl.col("start").dt.ordinal_day() == 1) & (pl.col("end").dt.month() == 12)
    refused = pl.col("reason").is_not_null()
    return (
        texts.alias("text").to_frame()
        .with_columns(full=pl.col("text").str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", " "))
        .with_columns(full=pl.col("full").str.strip_chars())
        .with_columns(clean=pl.col("full").str.replace(_REMARK, "").str.strip_chars())
        .with_columns(written=_written(pl.col("clean")))
        .with_columns(pl.col("written").str.extract_groups(_WRITTEN).struct.unnest())
        .with_columns(pl.col(_NUMBERS).cast(pl.Int32))
        .with_columns(pl.col("y2").fill_null(pl.col("y1")), known=pl.col("y1").is_not_null())
        .with_columns(
            begin=pl.coalesce(pl.col("half") * 6 - 5, pl.col("quarter") * 3 - 2, "m1", pl.when("known").then(1)),
            finish=pl.coalesce(pl.col("half") * 6, pl.col("quarter") * 3, "m2", "m1", pl.when("known").then(12)),
        )
        .with_columns(period=_form(), start=pl.date("y1", "begin", 1), end=pl.date("y2", "finish", 1).dt.month_end())
        .with_columns(whole_years=whole, reason=_reason())
        .with_columns(pl.when(~refused).then(pl.col(name)).alias(name) for name in _NAMES[:-1])
        .select(pl.when(pl.col("text").is_not_null()).then(pl.struct(_NAMES)).cast(FIELDS))
        .to_series()
        .alias(texts.name)
    )  # fmt: skip


def _written(text: pl.Expr) -> pl.Expr:
    """The written form of a saying; anything else stays as it is."""
    for number, month in enumerate(_MONTHS, start=1):
        text = text.str.replace_all(rf"\b{month}[a-z]{{0,6}}\.?", f"m{number}")
    for saying, form in _SAYINGS:
        text = text.str.replace(saying, form)
    return text


def _form() -> pl.Expr:
    """The one spelling of a period: no leading zeros, no range of a single year or month."""
    y1, y2, begin, finish = (pl.col(name) for name in ("y1", "y2", "begin", "finish"))
    return (
        pl.when(pl.col("half").is_not_null()).then(pl.format("{}H{}", y1, "half"))
        .when(pl.col("quarter").is_not_null()).then(pl.format("{}Q{}", y1, "quarter"))
        .when(pl.col("m1").is_null() & (y1 == y2)).then(pl.format("{}", y1))
        .when(pl.col("m1").is_null()).then(pl.format("{}-{}", y1, y2))
        .when(y1 != y2).then(pl.format("{}M{}-{}M{}", y1, begin, y2, finish))
        .when(begin == finish).then(pl.format("{}M{}", y1, begin))
        .otherwise(pl.format("{}M{}-M{}", y1, begin, finish))
    )  # fmt: skip


def _reason() -> pl.Expr:
    """Why a text is refused; null where it is read."""
    full, clean = pl.col("full"), pl.col("clean")
    # "2011-12" is a month, or two years; "2023-07" and "2023-24" can only be one of them.
    month, short = (clean.str.extract(r"^(?:19|20)(\d\d)-(\d\d)$", n).cast(pl.Int32) for n in (2, 1))
    pair = [clean.str.extract(_TWO_YEARS, n).cast(pl.Int32) for n in (1, 2)]
    return (
        pl.when(full.str.contains(_UNDATED)).then(pl.lit("undated"))
        .when(full.str.contains(_SUPPOSED)).then(pl.lit("a supposed date"))
        .when(full.str.contains(_OTHER_TIME)).then(pl.lit("a remark that names another time"))
        .when((month > short) & (month <= 12)).then(pl.lit("a month, or two years?"))
        .when(pair[1] - pair[0] != 1).then(pl.lit("two years apart from each other"))
        .when(pl.col("period").is_null()).then(pl.lit("no period in a known form"))
        .when(pl.col("start") > pl.col("end")).then(pl.lit("it ends before it begins"))
    )  # fmt: skip
