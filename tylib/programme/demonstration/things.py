"""Made firms, projects, technology, work system, plan: things with names, each of which says that it is made."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tylib.programme.demonstration.economy import ADDED, GDP, OUTPUT
from tylib.store import conflicts, facts, load, preferred, words
from tylib.store.params import judgements
from tylib.store.templates import template
from tylib.store.units import rows as units_of
from tylib.store.words import languages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tylib.programme.demonstration.economy import Economy
    from tylib.store import City

Row = dict[str, Any]
FACTORS = {"land": ("mu", 400), "energy": ("10k tce", 20), "environment": ("tonne", 300), "people": ("person", 8000)}
SIZES = {"fund": ("100M CNY", 10), "list": ("items", 5), "ledger": ("projects", 12), "policy": ("items", 4)}
AIMS = (GDP, OUTPUT, ADDED, "tech_upgrade_investment", "high_tech_enterprises", "provincial_srdi_smes")
AIMED = 2030


def things(
    city: City, made: Economy, figures: Mapping[str, np.ndarray], number: Mapping[str, float], dated: str,
    rng: np.random.Generator,
) -> dict[str, list[Row]]:  # fmt: skip
    """The templates of things, filled. ``dated`` is the day of the tables."""
    maker = _Maker(city, made, figures, number, date.fromisoformat(dated), rng)
    return {
        "chain_firms": maker.firms(), "project_ledger": maker.projects(), "technology_needs": maker.needs(),
        "technology_results": maker.results(), "work_system": maker.work(), "chain_factors": maker.factors(),
        "plan_targets": maker.targets(), "plan_measures": maker.measures(), "choices": maker.choices(),
    }  # fmt: skip


class _Maker:
    """Makes one table a method; texts come from the catalogues, in every language of the city."""

    def __init__(
        self, city: City, made: Economy, figures: Mapping[str, np.ndarray], number: Mapping[str, float], today: date,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self.city, self.made, self.figures, self.number = city, made, figures, number
        self.today, self.rng = today, rng
        self.said = {language: words(language, city) for language in languages(city)}
        self.chains = list(units_of("chain", city).iter_rows(named=True))
        self.grounds = self._grounds()

    def _grounds(self) -> dict[str, list[tuple[str, str | None]]]:
        """Counties of each chain with a zone that lies there; where none is known, the county that makes most."""
        stated, zones = load("chain_places", self.city), units_of("zone", self.city)
        most = self.made.places[int(self.made.output[self.made.base].sum(axis=1).argmax())]
        hosted = dict(zones.drop_nulls("host").select("host", "zone_id").sort("zone_id", descending=True).iter_rows())
        found = {}
        for chain in self.chains:
            own = stated.filter(pl.col("chain_id") == chain["chain_id"]).sort("number")["place"].to_list()
            places = [place for place in own if place in self.made.places] or [most]
            found[chain["chain_id"]] = [(place, hosted.get(place)) for place in places]
        return found

    def told(self, stem: str, key: str, about: Mapping[str, Any] | None = None, **values: Any) -> dict[str, str]:
        """A text as ``STEM_LANGUAGE`` in every language; ``about`` gives a name for the placeholder ``about``."""
        return {
            f"{stem}_{language}": said(f"demonstration.{key}", about=said.pick(about, "name") if about else "",
                                       **values)
            for language, said in self.said.items()
        }  # fmt: skip

    def accepted(self, table: str, column: str) -> list[str]:
        """Codes that a column of a template accepts."""
        field = template(table, self.city).field(column)
        return [option.code for option in field.options] if field else []

    def day(self, months: float) -> str:
        """A day so many months from that of the tables."""
        return (self.today + timedelta(days=round(30.4 * months))).isoformat()

    def firms(self) -> list[Row]:
        """A master and some firms of each chain, with figures of the last years."""
        roles, found, n = self.accepted("chain_firms", "role_zh"), [], 0
        town_of = dict(units_of("town", self.city).drop_nulls("place").select("place", "town_id").iter_rows())
        for chain in self.chains:
            for order in range(int(self.number["firms_of_chain"])):
                n += 1
                grounds = self.grounds[chain["chain_id"]]
                place, zone = grounds[order % len(grounds)]
                at, size = self.made.places.index(place), self.number["firm_share"] / (1 + 2 * order)
                size *= float(np.exp(self.rng.normal(0, 0.3)))
                for when in range(self.made.base, len(self.made.years)):
                    revenue = size * float(self.figures["mfg_revenue"][when, at])
                    found.append({
                        "firm_id": f"D{n:02}", **self.told("name", "firm", number=f"{n:02}"),
                        "chain_id": chain["chain_id"], "role_zh": roles[min(order, 1)], "place": place,
                        "zone_id": zone if order == 1 else None, "town_id": town_of.get(place) if order == 2 else None,
                        **self.told("note", "note"), "period": str(self.made.years[when]),
                        "revenue": round(revenue, 2), "gross_output": round(revenue / self.number["revenue"], 2),
                        "jobs": round(revenue * 45 + 40),
                        "local_supporting_rate": round(20 + 8 * order + 1.5 * when, 1),
                    })  # fmt: skip
        return found

    def projects(self) -> list[Row]:
        """Projects at every stage: some on course, one overdue, one that has stood still."""
        stages, found, n = self.accepted("project_ledger", "stage"), [], 0
        towns = dict(units_of("town", self.city).drop_nulls("place").select("place", "town_id").iter_rows())
        for chain in self.chains:
            for order in range(int(self.number["projects_of_chain"])):
                n += 1
                place, zone = self.grounds[chain["chain_id"]][order % len(self.grounds[chain["chain_id"]])]
                output = float(self.made.output[self.made.base, self.made.places.index(place)].sum())
                value = round(self.number["project_share"] * output * float(np.exp(self.rng.normal(0, 0.4))) + 0.5, 1)
                reached = (n * 2 + order) % len(stages)
                late = stages[reached] not in stages[-2:] and n % 7 == 3
                found.append({
                    "project_id": f"D{n:02}", **self.told("name", "project", chain, number=f"{n:02}"),
                    **self.told("investor", "firm", number=f"{n:02}"), "category": self.accepted(
                        "project_ledger", "category")[0], "value": value,
                    "invested": round(value * reached / (len(stages) - 1), 1), **self.told("capacity", "capacity"),
                    "place": place, "zone_id": zone if order == 0 else None, "chain_id": chain["chain_id"],
                    "town_id": towns.get(place) if order == 1 else None, "stage": stages[reached],
                    "stage_date": self.day(-26 if n % 5 == 4 else -4), **self.told("next_milestone", "milestone"),
                    "next_due": self.day(5), "due_date": self.day(-3 if late else 18), **self.told("note", "note"),
                })  # fmt: skip
        return found

    def needs(self) -> list[Row]:
        """One need of technology a chain."""
        states = self.accepted("technology_needs", "state")
        return [
            {**self._technology(n, chain, "need"), "budget": 100 * n, "due_date": self.day(12),
             "state": states[n % len(states)]}
            for n, chain in enumerate(self.chains, 1)
        ]  # fmt: skip

    def results(self) -> list[Row]:
        """One result a chain, of which two out of three answer the need of the same number."""
        states = self.accepted("technology_results", "state")
        return [
            {**self._technology(n, chain, "result" if n % 3 else "other"), "maturity": 3 + n % 7,
             "state": states[n % len(states)]}
            for n, chain in enumerate(self.chains, 1)
        ]  # fmt: skip

    def _technology(self, n: int, chain: Mapping[str, Any], key: str) -> Row:
        return {
            **self.told("name", f"{key}.name", chain, number=f"{n:02}"),
            **self.told("field", f"{key}.field", chain), **self.told("holder", f"{key}.holder", number=f"{n:02}"),
            **self.told("content", f"{key}.content", chain), "chain_id": chain["chain_id"],
            "place": self.grounds[chain["chain_id"]][0][0], "posted_on": self.day(-8), **self.told("note", "note"),
        }  # fmt: skip

    def work(self) -> list[Row]:
        """Every item of the work system for each chain."""
        units = self.accepted("work_system", "unit")
        found = []
        for n, chain in enumerate(self.chains, 1):
            for item in self.accepted("work_system", "item"):
                unit, size = SIZES.get(item, ("", 0))
                sized = {"value": size + n % 4, "unit": unit} if unit in units else {}
                found.append({
                    "chain_id": chain["chain_id"], "item": item, **self.told("name", f"item.{item}", chain), **sized,
                    **self.told("holder", "office"), **self.told("document", "document"), "since": self.day(-15)[:7],
                    "until": None, **self.told("note", "note"),
                })  # fmt: skip
        return found

    def factors(self) -> list[Row]:
        """What each chain needs of land, energy, environment and people, and what there is."""
        units, year = self.accepted("chain_factors", "unit"), str(self.made.years[-1])
        return [
            {"chain_id": chain["chain_id"], "place": self.grounds[chain["chain_id"]][0][0], "factor": factor,
             "side": side, **self.told("name", f"factor.{factor}"), "period": year, "unit": unit,
             "value": round(size * float(np.exp(self.rng.normal(0, 0.3)))), **self.told("note", "note")}
            for chain in self.chains
            for factor, (unit, size) in FACTORS.items()
            for side in self.accepted("chain_factors", "side")
            if unit in units
        ]  # fmt: skip

    def targets(self) -> list[Row]:
        """Targets of the next plan: the last year grown on, for the city and each county."""
        titles = {row["indicator"]: row for row in load("indicators", self.city).iter_rows(named=True)}
        growth = (1 + self.number["target_growth"] / 100) ** (AIMED - self.made.years[-1])
        found = []
        for at, place in [(-1, self.made.city), *enumerate(self.made.places)]:
            for name in AIMS if at < 0 else AIMS[1:3]:
                if name not in titles:
                    continue
                last = self.figures[name][-1].sum() if at < 0 else self.figures[name][-1, at]
                value = float(last) * growth
                named = {f"name_{language}": said.pick(titles[name], "title") for language, said in self.said.items()}
                found.append({
                    "place": place, **self.told("document", "document"), **named, "indicator": name,
                    "base_period": str(self.made.years[-1]), "period": str(AIMED), "unit": titles[name]["unit"],
                    "value": round(value) if value >= 100 else round(value, 1), "qualifier": ">=" if at < 0 else "=",
                    **self.told("note", "note"),
                })  # fmt: skip
        return found

    def measures(self) -> list[Row]:
        """Two measures for each of four actions of the next plan."""
        return [
            {"action_id": f"F{action}", **self.told("name", "action", number=f"{action:02}"),
             **self.told("measure", "measure", number=f"{2 * action + step - 1:02}"), "period": str(AIMED),
             "indicator": "high_tech_enterprises" if step else None, "value": 50 * action if step else None,
             "unit": "firms" if step else None, **self.told("note", "note")}
            for action in range(1, 5)
            for step in range(2)
        ]  # fmt: skip

    def choices(self) -> list[Row]:
        """One choice between published sources that conflict: for the one that goes before without it too."""
        own = pl.col("place").is_in([*self.made.places, self.made.city]) & (pl.col("sector") == "")
        known = facts(self.city).filter(own & (pl.col("scope") == ""))
        odd = conflicts(known, tolerance=judgements(self.city).conflict_tolerance.value)
        first = preferred(odd.filter(pl.col("kind") == "actual")).head(1)
        return [
            {"place": row["place"], "indicator": row["indicator"], "period": row["period"], "kind": row["kind"],
             "winning_source_id": row["source_id"], **self.told("reason", "reason"),
             "declared_on": self.today.isoformat()}
            for row in first.iter_rows(named=True)
        ]  # fmt: skip
