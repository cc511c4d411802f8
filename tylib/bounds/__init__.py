"""The feasible set: what published figures imply of figures that nobody published."""

from tylib.bounds.constraints import LAYERS, System, system
from tylib.bounds.intervals import between, bounds, contradiction, fit_to_print, stated_rows
from tylib.bounds.programs import ContradictionError
from tylib.bounds.sampling import WEIGHTINGS, Draws, draws

__all__ = [
    "LAYERS", "WEIGHTINGS", "ContradictionError", "Draws", "System", "between", "bounds", "contradiction", "draws",
    "fit_to_print", "stated_rows", "system",
]  # fmt: skip
