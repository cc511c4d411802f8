"""The demonstration: every template of the user's own tables filled, from one draw of the feasible set.

The year of the set is the draw itself, so that all that was published holds of it; years before and after, and what
the set knows nothing of, follow by the rules of ``params/demonstration.yml``. Where a figure was published none is
made. All of it is invented, and says so: in its status, its source and its names.
"""

from tylib.programme.demonstration.economy import Economy, economy
from tylib.programme.demonstration.rows import filled

__all__ = ["Economy", "economy", "filled"]
