"""Series to dated phases with uncertain breaks, and their agreement with a scholar's dating against chance."""

from minilateral.phases.datings import (
    Agreement,
    Chance,
    RivalDating,
    agreement,
    chance_cover,
    chance_within,
    cover,
    f_one,
    rank_datings,
    to_positions,
)
from minilateral.phases.history import Dated, Dating, Phases, Track, find_phases, registered_datings, run, sections
from minilateral.phases.regimes import Regimes, SwitchingMean, choose_regimes, fit_regimes, fit_switching_mean
from minilateral.phases.segments import (
    Component,
    Segmentation,
    constrained_evidence,
    log_number_of_ways,
    prior_probability_all,
    remove_season,
    segment,
)

__all__ = [
    "Agreement",
    "Chance",
    "Component",
    "Dated",
    "Dating",
    "Phases",
    "Regimes",
    "RivalDating",
    "Segmentation",
    "SwitchingMean",
    "Track",
    "agreement",
    "chance_cover",
    "chance_within",
    "choose_regimes",
    "constrained_evidence",
    "cover",
    "f_one",
    "find_phases",
    "fit_regimes",
    "fit_switching_mean",
    "log_number_of_ways",
    "prior_probability_all",
    "rank_datings",
    "registered_datings",
    "remove_season",
    "run",
    "sections",
    "segment",
    "to_positions",
]
