"""Everything that is measured exactly about a policy, given as a probability on every edge: the one door to it."""

from bench.grades import GradeName, Grades, grades, witness
from bench.results import Outcome, Results, Seat, results

__all__ = ["GradeName", "Grades", "Outcome", "Results", "Seat", "grades", "results", "witness"]
