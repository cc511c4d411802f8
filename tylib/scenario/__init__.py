"""What the Eight Actions could do: levers, a small model, its uncertainty, and which lever brings how much."""

from tylib.scenario.answers import answer, conclusions, effects
from tylib.scenario.baseline import ensemble
from tylib.scenario.levers import described, listed
from tylib.scenario.model import CLOSURES, LEVERS
from tylib.scenario.neighbours import spillover
from tylib.scenario.point import Point, point, pull
from tylib.scenario.running import OUTCOMES, binding, fan, levels, run, setting, support, told
from tylib.scenario.sensitivity import unknowns
from tylib.scenario.shares import attribution, carbon_split, together
from tylib.scenario.shown import Shown, explored, prepare, shown
from tylib.scenario.targets import chance, history
from tylib.scenario.validation import Validated, validate

__all__ = [
    "CLOSURES", "LEVERS", "OUTCOMES", "Point", "Shown", "Validated", "answer", "attribution", "binding", "carbon_split",
    "chance", "conclusions", "described", "effects", "ensemble", "explored", "fan", "history", "levels", "listed",
    "point", "prepare", "pull", "run", "setting", "shown", "spillover", "support", "together", "told", "unknowns",
    "validate",
]  # fmt: skip
