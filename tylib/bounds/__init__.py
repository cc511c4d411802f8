"""The feasible set: what published figures imply of figures that nobody published."""

from tylib.bounds.constraints import LAYERS, System, system
from tylib.bounds.effects import effects
from tylib.bounds.findings import findings, leaders, prepare
from tylib.bounds.intervals import between, bounds, contradiction, fit_to_print, stated_rows
from tylib.bounds.programs import ContradictionError
from tylib.bounds.sampling import WEIGHTINGS, Draws, draws
from tylib.bounds.support import cells, judged, summarise, support, values
from tylib.bounds.worth import worth

__all__ = [
    "LAYERS", "WEIGHTINGS", "ContradictionError", "Draws", "System", "between", "bounds", "cells", "contradiction",
    "draws", "effects", "findings", "fit_to_print", "judged", "leaders", "prepare", "stated_rows", "summarise",
    "support", "system", "values", "worth",
]  # fmt: skip
