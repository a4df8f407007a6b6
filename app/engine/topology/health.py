"""Whether a company's own records may be asked who bridges what."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import spearmanr

from app.engine.topology.graph import Graph
from app.engine.weights import Floats

LEAST_TIES: Final = 30
"""Fewer firm ties than this tell nothing."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether strong ties lie inside groups and weak ones between them, as they do among people.

    Attributes:
        correlation: Spearman's, of strength and overlap; None where it is not defined.
        ties: Of how many firm ties.
        is_sound: Whether ties may be called bridges.
        reason: Why, in a sentence.
    """

    correlation: float | None
    ties: int
    is_sound: bool
    reason: str


def health(graph: Graph, overlap: Floats, shared: Floats) -> Health:
    """Check that strength and overlap rise together.

    Where crowds are taken for company the relation turns around: three events of thirty people do,
    and twelve hide most of the bridges. Strength is taken without the factor that overlap has in
    it, or it would prove itself.

    Args:
        graph: The firm ties.
        overlap: Neighbourhood overlap of each in the graph, (m,).
        shared: The overlap that is a factor of each tie's strength, (m,).

    Source:
        Onnela et al. (2007), 10.1073/pnas.0610245104.
    """
    ties = len(graph.a)
    if ties < LEAST_TIES:
        return Health(
            None,
            ties,
            is_sound=False,
            reason=f"No tie is called a bridge: of {LEAST_TIES} firm ties, {ties} are known.",
        )
    bare = graph.strength / (1 + shared)
    if np.ptp(overlap) == 0 or np.ptp(bare) == 0:
        return Health(
            None,
            ties,
            is_sound=False,
            reason="No tie is called a bridge: no two who know each other share acquaintances.",
        )
    found = float(spearmanr(bare, overlap).statistic)
    if found > 0:
        return Health(
            found,
            ties,
            is_sound=True,
            reason=f"Sound: strong ties lie inside groups (Spearman {found:+.2f}, {ties} ties).",
        )
    return Health(
        found,
        ties,
        is_sound=False,
        reason=f"No tie is called a bridge: strong ties do not lie inside groups "
        f"(Spearman {found:+.2f}, {ties} ties), as where large events are taken for small ones.",
    )
