"""A second, plain implementation of the state equations: one county of one draw, loops over years and sectors."""

from __future__ import annotations

from math import exp, log


def leontief(A, f, rounds=400):
    """Output that final demand asks for: the series f + A f + A A f + ..."""
    total, term = list(f), list(f)
    for _ in range(rounds):
        term = [sum(A[i][j] * term[j] for j in range(len(f))) for i in range(len(f))]
        total = [a + b for a, b in zip(total, term, strict=True)]
    return total


def walk(s, p, u, closure, reference=None):
    """One county.

    Args:
        s: Base year: lists by sector, ``digital, growth, demand_growth``, and ``output, A, national, groups,
            equipment`` by national sector.
        p: Parameters by name.
        u: ``u[t][lever]`` for t = 1 ... T, as a list that starts with None.
        closure: supply, demand or binding.
        reference: The same without levers.

    Returns:
        A list of years, each a dict of lists by sector.
    """
    n, T = len(s["Y"]), len(u) - 1
    X, A, national, groups = s["output"], s["A"], s["national"], s["groups"]
    m = len(X)
    final = [X[i] - sum(A[i][j] * X[j] for j in range(m)) for i in range(m)]
    years = [{"Y": list(s["Y"]), "K": list(s["K"]), "L": list(s["L"]), "G": list(s["G"]), "slack": [0.0] * n}]
    a0 = [log(s["Y"][k]) - s["alpha"][k] * log(s["K"][k]) - (1 - s["alpha"][k]) * log(s["L"][k]) for k in range(n)]
    vintages = [[s["i"] * s["Y"][k]] * 3 for k in range(n)]
    years[0]["A"] = [exp(a) for a in a0]
    years[0]["nu"] = [
        sum(v * (1 - p["depreciation"]) ** age for age, v in enumerate(vintages[k])) / s["K"][k] for k in range(n)
    ]
    e, c = list(s["energy"]), list(s["carbon"])
    years[0]["E"] = [s["Y"][k] * e[k] for k in range(n)]
    years[0]["C"] = [s["Y"][k] * e[k] * c[k] for k in range(n)]
    digital, C, crowd, tier = [s["digital"]], list(s["localisation"]), [0.0] * n, 0.0
    for t in range(1, T + 1):
        u1, u2, u3, u4, u5, u6, u7, u8 = u[t]
        before = 0.0 if t == 1 else u[t - 1][0]
        last, year = years[-1], {name: [0.0] * n for name in ("Y", "K", "L", "G", "A", "nu", "E", "C", "slack")}
        digital.append(min(digital[-1] + p["digital_pace"] * u5, 1.0))
        step, third = digital[t] - digital[t - 1], digital[max(t - 3, 0)]
        learnt = p["digital_gain"] * (third - s["digital"]) - p["digital_dip"] * (digital[t] - third)
        tier += p["tier_gain"] * p["tier_pace"] * u3
        extra, supply = 0.0, [0.0] * n
        for k in range(n):
            invested = s["i"] * last["Y"][k] * (1 + p["investment_response"] * p["reach"] * u1)
            extra += s["i"] * last["Y"][k] * p["investment_response"] * p["reach"] * u1
            year["K"][k] = (1 - p["depreciation"] - p["scrapping"] * u1) * last["K"][k] + invested
            vintages[k] = [invested, *vintages[k][:2]]
            young = sum(v * (1 - p["depreciation"]) ** age for age, v in enumerate(vintages[k]))
            year["nu"][k] = young / year["K"][k]
            year["G"][k] = (1 - p["research_depreciation"]) * last["G"][k]
            year["G"][k] += (s["rho"] + u4 * p["research_push"]) * last["Y"][k]
            grew = s["growth"] if t == 1 else log(years[t - 1]["Y"][k] / years[t - 2]["Y"][k])
            saved = p["digital_labour"] * step + p["renewal_labour"] * (u1 - before)
            year["L"][k] = last["L"][k] * exp(p["labour_response"] * grew - saved)
            C[k] *= 1 + p["cluster_pace"] * u2
            crowd[k] += p["cluster_elasticity"] * log(1 + p["cluster_pace"] * u2) * (1 - C[k] / p["congestion"])
            a = a0[k] + s["trend"][k] * t + crowd[k] + tier + learnt
            if reference:
                a += p["renewal_gain"] * (year["nu"][k] - reference[t]["nu"][k])
                old = max(t - 2, 0)
                a += p["research_elasticity"] * (log(years[old]["G"][k]) - log(reference[old]["G"][k]))
            year["A"][k] = exp(a)
            supply[k] = exp(a) * year["K"][k] ** s["alpha"][k] * year["L"][k] ** (1 - s["alpha"][k])
        move = p["local_sourcing"] * u2
        nearer = [[A[i][j] + move * (national[i][j] - A[i][j]) for j in range(m)] for i in range(m)]
        grown = (1 + s["demand_growth"]) ** t * (1 + p["outside_demand"] * u8)
        asked = leontief(nearer, [f * grown + p["local_equipment"] * extra * q
                                  for f, q in zip(final, s["equipment"], strict=True)])  # fmt: skip
        for k in range(n):
            g = groups[k]
            demand = s["demand"][k] * (1 + p["quality_gain"] * u6) * asked[g] / X[g]
            year["Y"][k] = {"supply": supply[k], "demand": demand, "binding": min(supply[k], demand)}[closure]
            year["slack"][k] = supply[k] - year["Y"][k]
            saving = p["green_gain"] * u7 + p["renewal_energy"] * year["nu"][k] * u1
            e[k] *= (1 - p["efficiency_trend"]) * (1 - (1 - p["rebound"]) * saving)
            c[k] *= 1 - p["fuel_switch"] * u7
            year["E"][k], year["C"][k] = year["Y"][k] * e[k], year["Y"][k] * e[k] * c[k]
        years.append(year)
    return years
