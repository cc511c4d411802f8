"""A made city: other names and codes, three districts, no zones, a few invented figures of every shape.

Its tables keep the contract of the project's own ``data/datapackage.json``; parameters and words are the project's.
Nothing in it is true. What the suite says of it shows that the suite knows no city.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]

PROVINCE, CITY = "980000", "980100"
RISING, FALLING, FLAT = COUNTIES = ("980102", "980103", "980121")
NAMES = {
    PROVINCE: ("北岭省", "Beiling Province"),
    CITY: ("雾江市", "Wujiang"),
    RISING: ("青石区", "Qingshi District"),
    FALLING: ("柳湾区", "Liuwan District"),
    FLAT: ("沙塘县", "Shatang County"),
    "980102001": ("东门街道", "Dongmen Subdistrict"),
    "980102100": ("石桥镇", "Shiqiao Town"),
    "980121200": ("白鹭乡", "Bailu Township"),
}
TYPES = {
    PROVINCE: ("province", "province", "CN"), CITY: ("prefecture", "prefecture_level_city", PROVINCE),
    RISING: ("county", "district", CITY), FALLING: ("county", "district", CITY), FLAT: ("county", "county", CITY),
    "980102001": ("township", "subdistrict", RISING), "980102100": ("township", "town", RISING),
    "980121200": ("township", "township", FLAT),
}  # fmt: skip

YEARBOOK, BULLETIN, PRESS, BLOG, OWN, SEARCH = "M1", "M2", "M3", "M4", "M5", "M6"

# place, indicator, period, what stands there; a fact is published by the bulletin unless it says otherwise.
FIGURES: list[tuple[str, str, str | None, dict[str, Any]]] = [
    # One with everything: a rise, a conflict between two grades of source, an older year.
    (RISING, "gdp", "2022", {"value": 180.4}),
    (RISING, "gdp", "2024", {"value": 210.5}),
    (RISING, "gdp", "2024", {"value": 203.0, "source_id": BLOG, "as_of": "2025-06"}),
    (RISING, "gdp_growth_real", "2022", {"value": 3.4}),
    (RISING, "gdp_growth_real", "2024", {"value": 5.1}),
    (RISING, "above_scale_industrial_va", "2024", {"value": 61.2, "source_id": PRESS, "as_of": "2025-03-02"}),
    (RISING, "above_scale_industrial_va_growth", "2024", {"value": 6.3}),
    (RISING, "fixed_asset_investment_growth", "2024H1", {"value": 4.0}),
    (RISING, "retail_sales", "2025", {"value": 70.0, "kind": "expected", "qualifier": "~", "value_text": "about 70"}),
    # One that falls, with a bound and an undated figure.
    (FALLING, "gdp", "2022", {"high": 150, "qualifier": "<", "interval": "published_bound", "value_text": "<150"}),
    (FALLING, "gdp", "2024", {"value": 121.7}),
    (FALLING, "secondary_va", "2024", {"high": 60, "qualifier": "<=", "interval": "published_bound",
                                       "value_text": "<=60"}),
    (FALLING, "gdp_growth_real", "2024", {"value": -2.6}),
    (FALLING, "industrial_enterprises", None, {"value": 41, "source_id": BLOG, "as_of": None, "period_text": "recent"}),
    # One of which little is known: an interval that follows from others, an absence, no change.
    (FLAT, "gdp", "2024", {"low": 30, "high": 44, "interval": "implied", "status": "estimated", "source_id": OWN,
                           "value_text": "30-44", "status_text": "implied by the total of the city"}),
    (FLAT, "gdp_growth_real", "2024", {"value": 0.2}),
    (FLAT, "above_scale_industrial_va", "2024", {"absent": "suppressed", "value_text": "x"}),
]  # fmt: skip
CENSUS = {RISING: (200_000, 240_000, 301_000), FALLING: (150_000, 140_000, 118_000), FLAT: (90_000, 80_000, 80_050)}
RESIDENTS = {RISING: (306_000, 310_000), FALLING: (116_000, 115_000), FLAT: (80_000, 80_000)}
LIVES = {RISING: (2_480, 1_860), FALLING: (700, 980), FLAT: (500, 500)}
OTHER_UNITS = {"tonne", "firms", "head", "person/km2"}  # of targets and of what the suite computes
AREA = {RISING: 120, FALLING: 95, FLAT: 610}


def write(folder: Path) -> Path:
    """Write the city's ``data/`` and ``params/`` below a folder that does not exist yet, and return it."""
    listed, rows = json.loads((PROJECT / "data" / "datapackage.json").read_text(encoding="utf-8")), tables()
    made = {
        "name": "wujiang", "title": "Made figures", "titles": {"zh": "虚构数据", "en": "Made figures"},
        "version": "2031.04", "profile": "data-package", "city": {"place": CITY, "key_chains": "municipal_1233"},
        "licenses": [{"name": "CC0-1.0", "title": "CC0 1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
        "templates": listed["templates"],
        # Of what no row is made, nothing is known here: zones, products, energy and whatever comes later.
        "resources": [r if r["name"] in rows else {**r, "minimumRows": 0} for r in listed["resources"]],
    }  # fmt: skip
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "datapackage.json").write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    for resource in made["resources"]:
        path = folder / "data" / resource["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = [field["name"] for field in resource["schema"]["fields"]]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            key = resource["schema"].get("primaryKey", [])
            writer.writerows(sorted(rows.get(resource["name"], ()), key=lambda row: [row[name] for name in key]))
    shutil.copytree(PROJECT / "params", folder / "params")
    return folder


def _vocabulary(path: str, key: str, wanted: set[str]) -> list[dict[str, str]]:
    """Rows of a table of the project that belong to the suite's language, not to its city: indicators and units."""
    with (PROJECT / "data" / "reference" / path).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row[key] in wanted]


def _facts() -> list[dict[str, Any]]:
    figures = list(FIGURES)
    for place, counts in CENSUS.items():
        years = zip(("2000", "2010", "2020"), counts, strict=True)
        figures += [(place, "census_population", year, {"value": n, "source_id": YEARBOOK}) for year, n in years]
    for place, counts in RESIDENTS.items():
        years = zip(("2023", "2024"), counts, strict=True)
        figures += [(place, "resident_population", year, {"value": count}) for year, count in years]
        figures += [(place, "urbanisation_rate", "2024", {"value": 60.5})]
    for place, (births, deaths) in LIVES.items():
        figures += [(place, "births", "2024", {"value": births}), (place, "deaths", "2024", {"value": deaths})]
    figures += [(place, "land_area", "2022", {"value": area, "source_id": YEARBOOK}) for place, area in AREA.items()]
    return [_fact(f"MC{n:03}", *figure) for n, figure in enumerate(figures, 1)]


def _city_facts() -> list[dict[str, Any]]:
    figures = [
        (CITY, "gdp", "2023", {"value": 362.0}),
        (CITY, "gdp", "2024", {"value": 371.8}),
        (CITY, "gdp_growth_real", "2024", {"value": 2.1}),
        *((CITY, "census_population", year, {"value": sum(c[n] for c in CENSUS.values()), "source_id": YEARBOOK})
          for n, year in enumerate(("2000", "2010", "2020"))),
        *((CITY, "resident_population", year, {"value": sum(c[n] for c in RESIDENTS.values())})
          for n, year in enumerate(("2023", "2024"))),
        (PROVINCE, "gdp_growth_real", "2024", {"value": 2.3}),
        # Structure: a share of which only the complement is printed; the whole grows faster than the old part of it.
        (CITY, "non_traditional_share_above_scale_va", "2024", {"value": 45.0}),
        (CITY, "emerging_industry_share_above_scale_va", "2024", {"value": 30.0}),
        (CITY, "above_scale_industrial_va_growth", "2024", {"value": 6.0}),
        (CITY, "traditional_va_growth", "2024", {"value": 4.0}),
        (CITY, "rd_intensity_gdp", "2023", {"value": 1.8}),
        (PROVINCE, "rd_intensity_gdp", "2022", {"value": 1.1}),
    ]  # fmt: skip
    return [_fact(f"MY{n:03}", *figure) for n, figure in enumerate(figures, 1)]


def _derived_facts() -> list[dict[str, Any]]:
    return [
        _fact(f"MD{n:03}", place, "population_cagr", "2010-2020",
              {"value": round(100 * ((last / first) ** 0.1 - 1), 3), "status": "derived", "source_id": OWN})
        for n, (place, (_, first, last)) in enumerate(CENSUS.items(), 1)
    ]  # fmt: skip


def _units() -> dict[str, str]:
    with (PROJECT / "data" / "reference" / "indicators.csv").open(encoding="utf-8", newline="") as file:
        return {row["indicator"]: row["unit"] for row in csv.DictReader(file)}


def _fact(fact_id: str, place: str, indicator: str, period: str | None, stated: dict[str, Any]) -> dict[str, Any]:
    plain = {
        "fact_id": fact_id, "place": place, "indicator": indicator, "period": period, "status": "published",
        "kind": "actual", "qualifier": "=", "unit": _units()[indicator], "source_id": BULLETIN, "as_of": "2025-04-10",
        "value_text": stated.get("value"), "period_text": period, "status_text": "published",
    }  # fmt: skip
    return plain | stated


def tables() -> dict[str, list[dict[str, Any]]]:
    """Rows by table; columns that a row leaves out are empty."""
    facts, city, derived = _facts(), _city_facts(), _derived_facts()
    missing = [
        {"search_id": f"MN{n}", "subject_kind": "place", "place": place, "indicator": indicator, "item_zh": zh,
         "item_en": en, "period": period, "period_text": period, "searched_on": "2031-03-01", "source_id": SEARCH}
        for n, (place, indicator, zh, en, period) in enumerate([
            (RISING, "gdp", "地区生产总值", "Gross domestic product", "2023"),
            (FALLING, "above_scale_industrial_va", "规上工业增加值", "Above-scale industrial value added", "2023"),
            (FALLING, "above_scale_industrial_va", "规上工业增加值", "Above-scale industrial value added", "2024"),
            (FLAT, "gdp", "地区生产总值", "Gross domestic product", "2022"),
        ], 1)
    ]  # fmt: skip
    used = {row["indicator"] for row in (*facts, *city, *derived, *missing)}
    used |= {"services_va", "town_output_value"}  # of comparability, of towns
    used |= {"local_supporting_rate"}  # of a firm of the chain
    used |= {"traditional_share_above_scale_va"}  # printed of nobody, the complement of another
    indicators = _vocabulary("indicators.csv", "indicator", used)
    return {
        "sources": [
            {"source_id": YEARBOOK, "title": "雾江统计年鉴 <2021>", "url": "https://tjj.example.org/2021",
             "date": "2021", "tier": "A", "reference": "tjj.example.org/2021"},
            {"source_id": BULLETIN, "title": "统计公报", "url": "https://tjj.example.org/2024", "date": "2025-04-10",
             "tier": "A", "reference": "tjj.example.org/2024"},
            {"source_id": PRESS, "title": "Wujiang Daily & Evening News", "date": "2025-03-02", "tier": "B",
             "reference": "news.example.com/1"},
            {"source_id": BLOG, "tier": "C", "reference": "blog.example.net/wujiang"},
            {"source_id": OWN, "title": "Own computation", "tier": "own", "reference": "formula in the status text"},
            {"source_id": SEARCH, "title": "Own search", "tier": "own", "reference": "searches of March 2031"},
        ],
        "places": [
            {"place": code, "name_zh": zh, "name_en": en, "level": TYPES[code][0], "type": TYPES[code][1],
             "parent": TYPES[code][2], "edition": "2030", "source_id": YEARBOOK}
            for code, (zh, en) in NAMES.items()
        ] + [{"place": "CN", "name_zh": "全国", "name_en": "China", "level": "nation"}],
        "tiles": [{"place": code, "row": n, "col": 0, "source_id": OWN} for n, code in enumerate(COUNTIES)],
        "sectors": [
            {"sector": "S1", "name_zh": "采石", "name_en": "Quarrying", "io_sector": "I1", "is_manufacturing": "false"},
            {"sector": "S2", "name_zh": "制伞", "name_en": "Umbrellas", "io_sector": "I1", "is_manufacturing": "true"},
        ],
        "units": _vocabulary("units.csv", "unit", {row["unit"] for row in indicators} | OTHER_UNITS),
        "scopes": [{"scope": "company", "title_zh": "企业口径", "title_en": "the company", "kind": "coverage"}],
        "indicators": indicators,
        "input_output_2020": [{"io_sector": "I1", "name_zh": "全部", "name_en": "Everything", **_zeros()}],
        "facts_counties": facts,
        "facts_city": city,
        "facts_derived": derived,
        "not_found": missing,
        **_programme(),
        **_chain(),
    }  # fmt: skip


def _chain() -> dict[str, list[dict[str, Any]]]:
    """Two branches of one chain: a stage with everything on it, one with nobody, one elsewhere, one only supposed."""
    said = {"status": "published", "source_id": PRESS}
    read = {"status": "assumed", "reason_zh": "判断", "reason_en": "ours"}
    ribs = {"chain_id": "C1", "branch_zh": "伞骨", "branch_en": "Ribs"}
    cloth = {"chain_id": "C1", "branch_zh": "伞面", "branch_en": "Cloth"}
    here = {"place_status": "published", "as_of": "2030-05"}
    because = {"reason_zh": "同页写明", "reason_en": "the same page says so"}
    rates = (("2022", 10.0), ("2024", 25.5))
    return {
        "chain_segments": [
            {**said, **ribs, **here, "segment_id": "S1", "segment": "upstream", "content_zh": "钢丝",
             "content_en": "Wire", "place": FALLING},
            {**said, **ribs, **here, "segment_id": "S2", "segment": "midstream", "content_zh": "伞骨",
             "content_en": "Ribs", "place": RISING, "place_text_zh": "石桥镇", "place_text_en": "Shiqiao Town"},
            {**said, **cloth, **here, "segment_id": "S3", "segment": "midstream", "content_zh": "伞布",
             "content_en": "Cloth", "place": PROVINCE},
            {**said, **cloth, "segment_id": "S4", "segment": "downstream", "content_zh": "成品伞",
             "content_en": "Finished umbrellas", "status": "assumed"},
        ],
        "segment_links": [
            {**said, **because, "segment_id": "S2", "kind": kind, "code": code}
            for kind, code in (("firm", "E1"), ("project", "J1"), ("project", "J2"), ("town", "T1"))
        ],
        "branch_stages": [
            {**read, **branch, "segment": stage, "sector": sector, "kind": "maker"}
            for branch in (ribs, cloth)
            for stage, sector in (("upstream", "S1"), ("midstream", "S2"), ("downstream", "S2"))
        ],
        "branch_classes": [
            {**read, **branch, "class": name, "source_id": PRESS}
            for branch, name in ((ribs, "advantage"), (ribs, "emerging"), (cloth, "emerging"))
        ],
        "chain_masters": [{**said, **because, "firm_id": "E1", "grade": "provincial"}],
        "cluster_crosswalk": [
            {"chain_id": "C1", "cluster_id": "K1", "status": "assumed", "basis_zh": "名称相近",
             "basis_en": "alike in name"},
        ],
        "work_system_items": [
            {**said, "item": item, "order": order, "name_zh": zh, "name_en": en, "text_zh": zh, "text_en": en,
             "table": table, "origin": "announced"}
            for order, item, zh, en, table in (
                (1, "chief", "链长", "Chief", "work_system"), (2, "map", "图谱", "Map", "work_system"),
                (3, "land", "用地", "Land", "chain_factors"),
            )
        ],
        "enterprise_metrics": [
            {**said, "metric_id": f"EM{n}", "firm_id": "E1", "indicator": "local_supporting_rate", "name_zh": "配套率",
             "name_en": "Supporting rate", "period": period, "value": value, "kind": "actual", "qualifier": "=",
             "unit": "%", "value_text": value}
            for n, (period, value) in enumerate(rates, 1)
        ],
    }  # fmt: skip


def _programme() -> dict[str, list[dict[str, Any]]]:
    """One chain, one firm, one town, projects one of which lies in the other, targets met, missed and open."""
    said = {"status": "published", "source_id": PRESS, "as_of": "2030-05"}
    here = {"place": RISING, "place_status": "published"}
    money = {"unit": "100M CNY", "qualifier": "="}
    tech = {"status": "imported", "source_id": OWN, "as_of": "2031-02"}
    aim = {**said, "origin": "targets", "domain": "economy", "kind": "target", "comparator": "false", "qualifier": ">="}
    return {
        "request_tables": [
            {"table_id": "R1", "title_zh": "县级统计公报", "title_en": "County bulletins", "holder_zh": "各县统计局",
             "holder_en": "Statistics bureaus of the counties", "indicators": "gdp;above_scale_industrial_va",
             "level": "county", "status": "assumed", "basis_zh": "每年发布", "basis_en": "Published each year"},
        ],
        "chains": [
            {**said, "chain_id": "C1", "scheme": "municipal_1233", "name_zh": "雨伞", "name_en": "Umbrellas",
             "absent": "not_published", "kind": "actual"},
            {**said, **money, "chain_id": "K1", "scheme": "municipal_six_clusters", "name_zh": "雨具集群",
             "name_en": "Rainwear cluster", "value": 100, "kind": "target", "value_text": "100"},
        ],
        "chain_places": [
            {"chain_id": "C1", "number": 1, "place": RISING, "text_zh": "青石区", "text_en": "Qingshi District",
             "status": "assumed", "source_id": PRESS},
        ],
        "enterprises": [
            {**said, **here, "firm_id": "E1", "name_zh": "晴雨伞业 & 子公司", "name_en": "Rain & Shine Umbrellas",
             "role_zh": "链主", "role_en": "chain leader", "chain_id": "C1", "chain_status": "assumed",
             "place_text_zh": "石桥镇", "place_text_en": "Shiqiao Town"},
        ],
        "projects": [
            {**said, **here, **money, "project_id": "J1", "name_zh": "伞骨产业园", "name_en": "Umbrella rib park",
             "category": "park", "value": 12, "kind": "plan", "in_city": "true", "stage": "under_construction",
             "chain_id": "C1", "chain_status": "assumed", "value_text": "12", "stage_zh": "在建",
             "stage_en": "under construction"},
            {**said, **here, **money, "project_id": "J2", "name_zh": "伞骨一期", "name_en": "Umbrella ribs, phase one",
             "category": "manufacturing", "value": 4.5, "kind": "plan", "in_city": "true", "stage": "in_production",
             "value_text": "4.5"},
            {**said, "place": FALLING, "place_status": "assumed", "project_id": "J3", "name_zh": "纽扣厂",
             "name_en": "Button works", "category": "manufacturing", "absent": "not_published", "kind": "plan",
             "in_city": "true", "stage": "signed"},
        ],
        "project_nesting": [
            {"project_id": "J2", "parent_project_id": "J1", "relation": "part_of", "status": "published",
             "basis_zh": "一期位于园内", "basis_en": "phase one lies in the park"},
        ],
        "towns": [
            {**said, **here, "town_id": "T1", "name_zh": "石桥雨伞专业镇", "name_en": "Shiqiao Umbrellas",
             "tier": "municipal", "city": CITY, "industry_zh": "雨伞", "industry_en": "Umbrellas",
             "category": "manufacturing", "in_city": "true"},
            {**said, "town_id": "T2", "name_zh": "北岭纽扣专业镇", "name_en": "Beiling Buttons", "tier": "provincial",
             "city": PROVINCE, "industry_zh": "纽扣", "industry_en": "Buttons", "category": "manufacturing",
             "in_city": "false"},
            {**said, "town_id": "T3", "name_zh": "沙塘风筝专业镇", "name_en": "Shatang Kites", "tier": "candidate",
             "city": CITY, "industry_zh": "风筝", "industry_en": "Kites", "category": "light_industry",
             "in_city": "true"},
        ],
        "town_metrics": [
            {**said, **money, "metric_id": "TM1", "town_id": "T1", "place": RISING, "name_zh": "总产值",
             "name_en": "Gross output", "period": "2024", "value": 18.3, "kind": "actual", "comparator": "false",
             "indicator": "town_output_value", "value_text": "18.3"},
            {**said, **money, "metric_id": "TM2", "town_id": "T2", "place": PROVINCE, "name_zh": "总产值",
             "name_en": "Gross output", "period": "2023", "value": 40, "kind": "actual", "comparator": "true",
             "indicator": "town_output_value", "value_text": "40"},
        ],
        "targets": [
            {**aim, "target_id": "G1", "place": RISING, "indicator": "gdp", "name_zh": "地区生产总值",
             "name_en": "Gross domestic product", "period": "2024", "value": 200, "unit": "100M CNY",
             "value_text": "200"},
            {**aim, "target_id": "G2", "place": FALLING, "indicator": "gdp_growth_real", "name_zh": "经济增速",
             "name_en": "Growth", "period": "2024", "value": 4, "unit": "%", "value_text": "4"},
            {**aim, "target_id": "G3", "place": FLAT, "name_zh": "新建纽扣厂", "name_en": "New button works",
             "period": "2030", "value": 2, "unit": "firms", "value_text": "2"},
        ],
        "actions": [
            {**said, "measure_id": "B1-1", "plan": "UMB", "action_id": "B1", "order": 1, "name_zh": "雨伞行动",
             "name_en": "Umbrellas", "measure_zh": "总量达到400亿元", "measure_en": "Reach 40 billion yuan",
             "indicator": "gdp", "unit": "100M CNY", "period": "2024", "value": 400, "kind": "target"},
            {**said, "measure_id": "B1-2", "plan": "UMB", "action_id": "B1", "order": 1, "name_zh": "雨伞行动",
             "name_en": "Umbrellas", "measure_zh": "出生人口", "measure_en": "Births", "indicator": "births",
             "unit": "head", "period": "2024", "low": 9, "interval": "published_bound", "qualifier": ">=",
             "kind": "target"},
            {**said, "measure_id": "B2-1", "plan": "UMB", "action_id": "B2", "order": 2, "name_zh": "纽扣行动",
             "name_en": "Buttons", "measure_zh": "仅见名称", "measure_en": "Named only", "absent": "not_published",
             "kind": "plan"},
        ],
        "action_links": [
            {"action_id": "B1", "number": 1, "kind": "project", "selector": "*", "status": "assumed",
             "reason_zh": "都造雨伞", "reason_en": "All make umbrellas"},
            {"action_id": "B1", "number": 2, "kind": "indicator", "selector": "indicator=gdp|births",
             "status": "assumed", "reason_zh": "总量", "reason_en": "Totals"},
            {"action_id": "B1", "number": 3, "kind": "target", "selector": "domain=economy", "status": "assumed",
             "reason_zh": "总量", "reason_en": "Totals"},
        ],
        "comparability": [
            {"comparison_id": "CP1", "indicator": "services_va", "actual_indicator": "secondary_va", "relation": "part",
             "status": "assumed", "reason_zh": "只统计其中一部分。", "reason_en": "Only a part is counted."},
            {"comparison_id": "CP2", "indicator": "gdp", "from_period": "2010", "relation": "break",
             "status": "published", "reason_zh": "中间有普查。", "reason_en": "A census came between.",
             "source_id": YEARBOOK},
        ],
        "industry_groups": [
            {"industry_id": f"I{n}", "group": group, "order": n, "whole": "true", "name_zh": zh, "name_en": en,
             "indicators": indicators, "complement": complement, "chains": chains, "status": "published",
             "mapping_status": "assumed", "reason_zh": "理由", "reason_en": "reason", "source_id": PRESS}
            for n, (group, zh, en, indicators, complement, chains) in enumerate([
                ("comparison", "全部工业", "All industry", "above_scale_industrial_va_growth", None, None),
                ("traditional", "老行当", "Old trades", "traditional_share_above_scale_va;traditional_va_growth",
                 "non_traditional_share_above_scale_va", "C1"),
                ("emerging", "新行当", "New trades", "emerging_industry_share_above_scale_va", None, None),
                ("future", "会飞的伞", "Flying umbrellas", None, None, None),
            ], 1)
        ],
        "branch_rates": [
            {"indicator": "above_scale_industrial_va_growth", "divisions": "13-43", "status": "assumed",
             "reason_zh": "理由", "reason_en": "reason"},
        ],
        "upgrade_dimensions": [
            {"dimension": "high_end", "indicator": "rd_intensity_gdp", "order": 1, "status": "assumed",
             "reason_zh": "投入", "reason_en": "what is put in"},
        ],
        "technology_needs": [
            {**tech, "need_id": "N1", "name_zh": "伞骨轻量化", "name_en": "Lighter ribs", "field_zh": "材料",
             "field_en": "Materials", "chain_id": "C1", "holder_zh": "晴雨伞业", "holder_en": "Rain & Shine",
             "state": "gathered"},
        ],
        "technology_results": [
            {**tech, "result_id": f"U{n}", "name_zh": zh, "name_en": en, "field_zh": field, "field_en": "Field",
             "chain_id": chain, "holder_zh": "雾江大学", "holder_en": "Wujiang University", "state": "published"}
            for n, (zh, en, field, chain) in enumerate([
                ("纽扣染色", "Button dyes", "材料", None),
                ("伞骨轻量化材料", "Materials for lighter ribs", "材料", "C1"),
                ("轻量化伞骨", "Ribs made lighter", "工艺", "C1"),
            ], 1)
        ],
        "work_system": [
            {**tech, "item_id": "W1", "chain_id": "C1", "item": "fund", "name_zh": "雨伞基金",
             "name_en": "Umbrella fund"},
            {**tech, "item_id": "W2", "chain_id": "C1", "item": "chief", "name_zh": "链长", "name_en": "Chief"},
        ],
        "chain_factors": [
            {**tech, "factor_id": "K1", "chain_id": "C1", "factor": "people", "side": "needed", "name_zh": "制伞工",
             "name_en": "Umbrella makers", "unit": "head", "value": 30},
            {**tech, "factor_id": "K2", "chain_id": "C1", "factor": "land", "side": "available", "name_zh": "用地",
             "name_en": "Land", "unit": "head", "absent": "not_published"},
        ],
        "county_positioning": [
            {**said, "place": RISING, "positioning_zh": "雨伞之乡", "positioning_en": "Home of umbrellas"},
        ],
    }  # fmt: skip


def _zeros() -> dict[str, int]:
    listed = json.loads((PROJECT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    (table,) = (resource for resource in listed["resources"] if resource["name"] == "input_output_2020")
    return {field["name"]: 0 for field in table["schema"]["fields"] if field["type"] == "number"}
