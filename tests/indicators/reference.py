"""The page docs/indicators.md, made from the docstrings: ``python tests/indicators/reference.py`` writes it."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "indicators.md"
FAMILIES = {
    "Specialisation": ("specialisation",),
    "Concentration and clusters": ("concentration", "dispersion", "clusters"),
    "Growth": ("growth", "shift_share", "convergence", "comparison"),
    "Complexity": ("complexity", "iterations", "product_space"),
    "Composite indices": ("treatment", "normalisation", "weighting", "composite", "decision", "robustness"),
    "Linkages": ("input_output", "input_output_tables", "linkages", "regional_tables"),
    "Energy, carbon, capital": ("carbon", "capital"),
    "Neighbours and frontiers": ("spatial", "frontier"),
}
PEERS = {
    "location_quotient": "EconGeo `location_quotient`, REAT `locq`, economiccomplexity `balassa_index`, "
    "py-ecomplexity and Datawheel `rca`",
    "per_head": "py-ecomplexity `rpop`",
    "standardised": 'REAT `locq2(LQ.norm = "OG")`, which divides by the wrong deviations',
    "krugman": "EconGeo `krugman_index` (all), REAT `krugman.spec` (rest); half of it EconGeo `spec_coeff`",
    "herfindahl": "EconGeo `herfindahl`, REAT `herf`",
    "entropy": "EconGeo `entropy` (bits, rounded)",
    "mean_quotient": "EconGeo `location_quotient_avg`, its inverse `hachman`",
    "gini": "REAT `gini2`; of quotients `gini.conc` and `gini.spec`; against people EconGeo `hoover_gini`; "
    "inequality `Gini`",
    "locational_gini": "EconGeo `locational_gini` (half)",
    "hoover": "EconGeo `hoover_index` (per cent, rounded), REAT `hoover`",
    "theil": "inequality `Theil`; REAT's `theil` is `log_deviation`",
    "theil_parts": "inequality `TheilD`",
    "variation": "REAT `cv`, `williamson` (which takes deviations from another mean)",
    "atkinson": "REAT `atkinson`",
    "ellison_glaeser": "REAT `ellison.a`",
    "coagglomeration": "REAT `ellison.c`",
    "cluster_index": "REAT `litzenberger`",
    "components": "REAT `shift` (Dunn, Esteban), `shifti`",
    "ratios": "REAT `shift` (Gerfin)",
    "dynamic_components": "REAT `shiftd`",
    "sigma": "REAT `sigmaconv`",
    "beta": "REAT `betaconv.ols` (whose speed takes the yearly slope for that of the whole time)",
    "indices": "py-ecomplexity `ecomplexity` (eci, pci), economiccomplexity `complexity_measures`, "
    "EconGeo `kci`, `tci`",
    "fitness": 'economiccomplexity `complexity_measures(method = "fitness")`',
    "reflections": "Datawheel `complexity`, EconGeo `morc`, `mort`",
    "proximity": "py-ecomplexity `proximity`, economiccomplexity `proximity`, Datawheel `proximity`",
    "correlation": "py-ecomplexity `proximity(continuous=True)`",
    "relatedness": "EconGeo `relatedness`",
    "density": "py-ecomplexity density (whose `knn` forgets its weights), EconGeo `relatedness_density`, "
    "Datawheel `relatedness`",
    "outlook": "py-ecomplexity coi, cog; economiccomplexity `complexity_outlook`",
    "income_level": "EconGeo `prody`, `expy`",
    "normalise": "COINr `n_minmax`, `n_zscore`, `n_rank`, `n_goalpost`, `n_dist2max`, `n_fracmax`",
    "entropy_weights": "pymcdm `entropy_weights` (raises or misjudges where a cell is zero)",
    "critic_weights": "pymcdm `critic_weights`",
    "principal": "COINr `get_PCA` (sign left open)",
    "power_mean": "COINr `a_amean`, `a_gmean`, `a_hmean`; pymcdm `WSM`, `WPM`",
    "deviation_weights": "pymcdm `standard_deviation_weights`",
    "removal_weights": "pymcdm `merec_weights`",
    "compromise": "pymcdm `VIKOR`",
    "winsorise": "COINr `winsorise`",
    "moran": "esda `Moran`",
    "local_moran": "esda `Moran_Local`",
    "geary": "esda `Geary`",
    "efficiency": "dealib `dea`",
    "benefit_of_the_doubt": "Compind `ci_bod`, COINr's optimised weights",
    "topsis": "pymcdm `TOPSIS` (min-max by default)",
    "rank_intervals": "COINr `get_sensitivity`",
    "sobol": "SALib `sobol.analyze`",
    "coefficients": "pymrio `calc_A`",
    "accounts": "pymrio `calc_all`: x, A, S, M, D_pba, D_cba, D_imp, D_exp",
    "inverse": "pymrio `calc_L`, leontief `leontief_inverse`",
    "multipliers": "leontief `output_multiplier`",
    "linkages": "leontief `backward_linkage`, `forward_linkage`",
    "rasmussen": "leontief `power_dispersion`, `sensitivity_dispersion`",
    "spread": "leontief `power_dispersion_cv`",
    "allocation": "leontief `output_allocation`",
    "effects_of_demand": "leontief `equilibrium_output`",
    "multiplier_table": "leontief, function by function; none has extraction",
    "requirements": "leontief `employment_multiplier`; pymrio S and M",
    "ras": "rurec",
    "log_deviation": "REAT `theil`",
    "equal_spread": "REAT `sigmaconv`",
    "shift_share": "REAT `shift`, `shiftd`, `shifti`",
    "presence": "py-ecomplexity mcp, economiccomplexity `balassa_index(discrete = TRUE)`",
    "cooccurrence": "EconGeo `co_occurrence`",
    "shape": "COINr `skew`, `kurt`",
    "ranks": 'scipy `rankdata(method="min")`, COINr `n_rank`',
    "composite_index": "COINr `Normalise`, `Aggregate`",
    "climb": "COINr `Aggregate`",
    "drawn_weights": "COINr `get_noisy_weights`",
    "sobol_errors": "SALib `sobol.analyze` (S1_conf, ST_conf: at a level of confidence)",
    "lmdi": "NREL EnergyIntensityIndicators, LMDIR (whose rule for zeros is missing or leaves them out)",
    "malmquist": "dealib",
}
MEANS = {"square", "table_of"}
"""What reads a table for several formulas: public to other modules, no indicator."""


def page() -> str:
    """The whole page."""
    lines = [
        "# The indicators",
        "",
        "Made from the docstrings of `tylib.indicators` by `tests/indicators/reference.py`. A function of arrays takes",
        "places, sectors, years and draws as axes (leading axes pass through); one of rows takes and gives frames.",
        "In an array NaN is the mark of an absent value, a frame holds null and says why under `notes`. Nothing is",
        "rounded. *Elsewhere* is what packages known to us call the same, and where they differ; *none* where no",
        "package known to us has it. What takes rows is elsewhere as the functions of arrays are that it names.",
        "",
        "Frames are polars, not pandas: `pl.read_csv` reads a table, `pl.from_pandas` takes one over. A function is",
        "imported from its module, `from tylib.indicators.shift_share import shift_share`; all it takes and gives,",
        "column by column, with units and what it refuses, says `pydoc tylib.indicators.shift_share.shift_share`.",
        "",
    ]
    for title, modules in FAMILIES.items():
        lines += [f"## {title}", ""]
        for name in modules:
            lines += _module(name)
    return "\n".join(lines).rstrip() + "\n"


def _module(name: str) -> list[str]:
    module = import_module(f"tylib.indicators.{name}")
    lines = [f"### `{name}`", "", inspect.getdoc(module).split("\n\n")[0].replace("\n", " "), ""]
    for node in entries(name):
        said = re.split(r"\n\s*(?:Args:|Returns:|Raises:|>>>)", inspect.cleandoc(ast.get_docstring(node)))[0].strip()
        first, *more = [" ".join(part.split()) for part in said.split("\n\n")]
        lines += [f"**{node.name}** ({kind(node)}). {first}", ""]
        lines += ["```python", signature(node, module), *example(node), "```", ""]
        for part in more:
            lines += [part, ""]
        named = kind(node) == "rows" and "see `" in said
        lines += [f"*Elsewhere:* {PEERS.get(node.name, 'as the functions it names' if named else 'none')}.", ""]
    return [line if line.startswith("```") else line.replace("``", "`") for line in lines]


def signature(function: ast.FunctionDef, module: ModuleType) -> str:
    """How a function is called, without the types of what it takes; a default that has a name by its value."""
    bare = ast.parse(ast.unparse(function)).body[0].args
    for one in (*bare.posonlyargs, *bare.args, *bare.kwonlyargs):
        one.annotation = None
    for defaults in (bare.defaults, bare.kw_defaults):
        named = [isinstance(one, ast.Name) for one in defaults]
        defaults[:] = [
            ast.Constant(getattr(module, one.id)) if is_name else one
            for one, is_name in zip(defaults, named, strict=True)
        ]
    return f"{function.name}({ast.unparse(bare)})"


def example(function: ast.FunctionDef) -> list[str]:
    """The lines of the example in a docstring, from its first prompt on."""
    lines = inspect.cleandoc(ast.get_docstring(function)).split("\n")
    first = next((at for at, line in enumerate(lines) if line.lstrip().startswith(">>>")), len(lines))
    return lines[first:]


def entries(module: str) -> list[ast.FunctionDef]:
    """The indicators of a module."""
    tree = ast.parse(inspect.getsource(import_module(f"tylib.indicators.{module}")))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return [node for node in functions if not node.name.startswith("_") and node.name not in MEANS]


def kind(function: ast.FunctionDef) -> str:
    """Whether a function takes rows, as its annotations have it, or arrays."""
    given = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return "rows" if any("DataFrame" in ast.unparse(one.annotation) for one in given if one.annotation) else "arrays"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
