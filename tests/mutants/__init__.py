"""Mutants: one rule of the engine or the grader is dropped or bent, and the test that says the rule must notice."""

from tests.mutants import authority, gossip, grading, repair, sim, systems

MUTANTS = [mutant for part in (sim, gossip, authority, repair, systems, grading) for mutant in part.MUTANTS]
