"""The cases, in the order in which they run."""

from cases import prints, cable, moments, rules, service, power, laser
from cases.case import ALL

__all__ = ["ALL", "prints", "cable", "moments", "rules", "service", "power", "laser"]
