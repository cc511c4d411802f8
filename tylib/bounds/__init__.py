"""The feasible set: what published figures imply of figures that nobody published."""

from tylib.bounds.intervals import between, bounds, contradiction, fit_to_print, stated_rows
from tylib.bounds.programs import ContradictionError
from tylib.bounds.system import LAYERS, System, system

__all__ = [
    "LAYERS", "ContradictionError", "System", "between", "bounds", "contradiction", "fit_to_print", "stated_rows",
    "system",
]  # fmt: skip
