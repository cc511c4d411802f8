"""How far a unit lies from the best of its peers: data envelopment, benefit of the doubt, Malmquist's index.

One linear program a unit. With few units and many inputs nearly all come out as best: it then tells nothing.
"""

from __future__ import annotations

import numpy as np

from tylib.errors import ParameterError
from tylib.indicators.cube import count


def efficiency(
    inputs: np.ndarray,
    outputs: np.ndarray,
    *,
    against: tuple[np.ndarray, np.ndarray] | None = None,
    variable: bool = False,
) -> np.ndarray:
    """Output-oriented efficiency: ``1 / phi``, phi the largest factor by which a unit's outputs could grow.

    ``max phi: sum_j l_j y_j >= phi y_0, sum_j l_j x_j <= x_0, l >= 0``; with ``variable`` returns to scale the l sum
    to 1. Charnes, Cooper and Rhodes (1978), EJOR 2, 429-444; Banker, Charnes and Cooper (1984), Management Science 30,
    1078-1092.

    Args:
        inputs: ``(unit, input)``, zero or more.
        outputs: ``(unit, output)``, zero or more.
        against: Inputs and outputs of the units that make the frontier; the same units where it is not given.
        variable: Returns to scale.

    Returns:
        ``(unit,)``; 1 is on the frontier, above 1 beyond that of others; NaN where the program has no solution.

    Raises:
        ParameterError: Tables that do not fit, or a value is missing or negative.

    >>> efficiency(np.ones((2, 1)), np.array([[2.0], [4.0]])).tolist()
    [0.5, 1.0]
    """
    from scipy.optimize import linprog

    x, y = count(inputs), count(outputs)
    X, Y = (x, y) if against is None else (count(table) for table in against)
    if (
        len(x) != len(y)
        or X.shape[1:] != x.shape[1:]
        or Y.shape[1:] != y.shape[1:]
        or not np.isfinite(x.sum() + y.sum())
    ):
        raise ParameterError("tables that do not fit", expected="inputs and outputs of every unit, none missing")
    found = np.full(len(x), np.nan)
    one = (np.append(0.0, np.ones(len(X)))[None], [1.0]) if variable else (None, None)
    aim = np.append(-1.0, np.zeros(len(X)))
    for unit in range(len(x)):
        A = np.block([[y[unit][:, None], -Y.T], [np.zeros((x.shape[1], 1)), X.T]])
        b = np.append(np.zeros(y.shape[1]), x[unit])
        solved = linprog(aim, A_ub=A, b_ub=b, A_eq=one[0], b_eq=one[1], method="highs")
        if solved.status == 0 and solved.x[0] > 0:
            found[unit] = 1 / solved.x[0]
    return found


def benefit_of_the_doubt(indicators: np.ndarray) -> np.ndarray:
    """Composite index with the weights that suit each unit best: efficiency with one input that all share.

    Cherchye, Moesen, Rogge and Van Puyenbroeck (2007), Social Indicators Research 82, 111-145.

    Args:
        indicators: ``(unit, indicator)``, zero or more, more is better.

    Returns:
        ``(unit,)``, 1 for those on the frontier.

    Raises:
        ParameterError: A value is missing or negative.

    >>> benefit_of_the_doubt(np.array([[1.0, 4.0], [2.0, 1.0], [0.5, 1.0]])).round(3).tolist()
    [1.0, 1.0, 0.357]
    """
    return efficiency(np.ones((len(indicators), 1)), indicators)


def malmquist(start: tuple[np.ndarray, np.ndarray], end: tuple[np.ndarray, np.ndarray]) -> dict[str, np.ndarray]:
    """Change of productivity between two years, as catching up times a shift of the frontier.

    ``effch = E1(1) / E0(0)``, ``techch = sqrt(E0(1) / E1(1) * E0(0) / E1(0))``, constant returns, ``Es(t)`` the
    efficiency of year t's unit against year s: Fare, Grosskopf, Norris and Zhang (1994), AER 84, 66-83.

    Args:
        start: Inputs and outputs of the first year, the same units in the same order.
        end: Of the second.

    Returns:
        ``index, catching_up, frontier``, each ``(unit,)``; above 1 is progress.

    Raises:
        ParameterError: As `efficiency`.

    >>> start, end = (np.ones((2, 1)), np.array([[2.0], [4.0]])), (np.ones((2, 1)), np.array([[3.0], [4.0]]))
    >>> malmquist(start, end)["index"].tolist()
    [1.5, 1.0]
    """
    own = [efficiency(*year) for year in (start, end)]
    late, early = efficiency(*end, against=start), efficiency(*start, against=end)
    catching_up, frontier = own[1] / own[0], np.sqrt(late / own[1] * own[0] / early)
    return {"index": catching_up * frontier, "catching_up": catching_up, "frontier": frontier}
