"""Cox's model with Efron's correction, exact for rows that stand for many customers."""

from stammkunde.survival.cox.fit import CoxFit, baselines, cox
from stammkunde.survival.cox.pairs import Pairs, concordance
from stammkunde.survival.cox.proportional import proportionality

__all__ = ["CoxFit", "Pairs", "baselines", "concordance", "cox", "proportionality"]
