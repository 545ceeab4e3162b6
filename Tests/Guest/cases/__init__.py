"""The cases, in the order in which they run."""

from cases import install, prints, cable, moments, rules, service, power, laser
from cases.case import ALL

__all__ = ["ALL", "install", "prints", "cable", "moments", "rules", "service", "power", "laser"]
