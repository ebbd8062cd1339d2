"""The table of combinations has what it says; sweeps are drawn from their seed alone."""

import itertools
import unittest

import boots
import sweep
from matrix import COMBINATIONS


class Matrix(unittest.TestCase):
    """All pairs of choices."""

    def test_every_pair_of_choices_is_there(self):
        choices = {"cpus": (2, 4, 8), "build": tuple(boots.BUILDS), "machine": ("pc", "q35"),
                   "acpi": (True, False), "icount": (True, False)}
        for one, other in itertools.combinations(choices, 2):
            there = {(getattr(combination, one), getattr(combination, other))
                     for combination in COMBINATIONS}
            missing = set(itertools.product(choices[one], choices[other])) - there
            self.assertEqual(missing, set(), f"{one} and {other}")

    def test_no_two_boots_have_the_same_name(self):
        names = [(boot.name, build) for boot in boots.BOOTS for build in boot.builds]
        self.assertEqual(len(names), len(set(names)))


class Sweeps(unittest.TestCase):
    """Points: reproducible, different, and within what kernel and QEMU take."""

    def test_points_depend_on_the_seed_alone(self):
        self.assertEqual(sweep.points(7, 2, 20), sweep.points(7, 2, 20))
        self.assertEqual(sweep.points(7, 2, 5), sweep.points(7, 2, 20)[:5])
        self.assertNotEqual(sweep.points(7, 2, 20), sweep.points(8, 2, 20))

    def test_points_spread_over_all_shifts_and_allowed_ticks(self):
        points = sweep.points(1, 2, 500)
        self.assertEqual({point.shift for point in points}, set(sweep.SHIFTS))
        self.assertEqual(len({point.seed for point in points}), 500)
        for point in points:
            self.assertLessEqual(sweep.TICK_LEAST, point.tick)
            self.assertLessEqual(point.tick, sweep.TICK_MOST)
