"""
Sweeps: the same tests under many schedules.

QEMU with --icount gives each instruction a fixed time, so when a timer interrupts, and what it
interrupts, depends on three numbers alone: how long an instruction takes (icount's shift), how many
timer interrupts a second there are (tick= of the kernel), and the seed of the tests. A point of a
sweep is such a triple. One that fails always fails, as long as the kernel's image is the same.
"""

import math
import random
from dataclasses import dataclass

from model import Boot

SHIFTS = range(0, 9)
TICK_LEAST, TICK_MOST = 20, 10000
NANOSECONDS = 10 ** 9

# How many instructions of all CPUs there are between two ticks of one. With fewer than the first,
# times the number of CPUs, the ticks themselves would be most of what is run; with more than the
# last, preemption is rare.
INSTRUCTIONS_LEAST, INSTRUCTIONS_MOST = 5000, 300000


@dataclass(frozen=True)
class Point:
    """One schedule."""
    shift: int
    tick: int
    seed: int

    def __str__(self):
        return f"shift {self.shift} tick {self.tick} seed {self.seed}"


@dataclass(frozen=True)
class Sweep:
    """Tests to be run at so many points, on a machine with so many CPUs."""
    name: str
    tests: str
    cpus: int = 2
    count: int = 1
    options: str = ""
    builds: tuple = ("debug",)
    timeout: int = 120


def draw_point(numbers, cpus):
    """A point: every shift, and every order of magnitude of the ticks' distance, is as likely."""
    shift = numbers.choice(SHIFTS)
    instructions = math.exp(numbers.uniform(math.log(INSTRUCTIONS_LEAST * cpus),
                                            math.log(INSTRUCTIONS_MOST)))
    tick = round(NANOSECONDS / (instructions * 2 ** shift))
    return Point(shift, min(max(tick, TICK_LEAST), TICK_MOST), numbers.getrandbits(31))


def points(seed, cpus, count):
    """The points of a sweep: the same for the same seed, and the first ones whatever count is."""
    numbers = random.Random(seed)
    return [draw_point(numbers, cpus) for _ in range(count)]


def boot_at(point, sweep, name):
    """The boot that runs the tests of a sweep at a point."""
    return Boot(name, f"--smp {sweep.cpus} --icount {point.shift} {sweep.options}",
                f"test={sweep.tests} tick={point.tick} seed={point.seed}", builds=sweep.builds,
                timeout=sweep.timeout)


def boots(sweeps, seed_of):
    """The boots of all sweeps; seed_of() gives a number for a name."""
    return [boot_at(point, sweep, f"explore.{sweep.name}.{index}")
            for sweep in sweeps
            for index, point in enumerate(points(seed_of(f"explore.{sweep.name}"), sweep.cpus,
                                                 sweep.count))]
