"""Boot loaders and firmware that are not to be trusted: what the kernel makes of their lies."""

import re
import tempfile

import loader
from fixture import LiveTest, build, run_command, write_file
from loader import ACPI, BAD, LOW, NVS, RAM, RESERVED
from model import NEVER, verdict

MIB = 1 << 20
MEMORY = "64M"
ALL = (1 * MIB, 63 * MIB, RAM)
IOMEM = re.compile(r"^([0-9a-f]{8,})-([0-9a-f]{8,}) : (.+)$", re.MULTILINE)
RANGES_MAX, MODULES_MAX = 512, 32


class LoaderTest(LiveTest):
    """A test that boots images of its own making."""

    def boot(self, information, magic=loader.MAGIC_1):
        """Boot with this information in a machine of MEMORY."""
        folder = self.use(tempfile.TemporaryDirectory())
        image = write_file(folder, "lying.elf", loader.wrap(build.kernel, information, magic))
        return run_command("tools/run-qemu", "-m", MEMORY, "--kernel", image, "--timeout", 60)

    def boot_well(self, information, magic=loader.MAGIC_1):
        """The same, and it must succeed without a bug."""
        run = self.boot(information, magic)
        self.assertEqual(run.status, verdict.SUCCESS, run.summary)
        for pattern in NEVER:
            self.assertNotRegex(run.output, re.compile(pattern, re.MULTILINE))
        return run

    def check_refused(self, information, sentence, magic=loader.MAGIC_1):
        """It must not boot, and say why, and nothing else."""
        run = self.boot(information, magic)
        self.assertEqual(run.status, verdict.REFUSED, run.summary)
        self.assertRegex(run.output, rf"\AStrata cannot start: {sentence}.*\.\n\Z")

    def check_iomem(self, output):
        """The ranges of iomem are sorted, disjoint and not empty; returns them as numbers."""
        ranges = [(int(first, 16), int(last, 16), name) for first, last, name
                  in IOMEM.findall(output)]
        self.assertGreater(len(ranges), 0, output)
        for first, last, name in ranges:
            self.assertLessEqual(first, last, name)
        for (_, last, _), (first, _, name) in zip(ranges, ranges[1:]):
            self.assertLess(last, first, name)
        return ranges


TESTS_AND_MAP = 'run="iomem; meminfo; check; test account,page_exhaustion; check"'


class HostileMaps(LoaderTest):
    """Maps that a broken firmware might hand out."""

    def check_usable(self, ranges, expected_kib, line=TESTS_AND_MAP):
        """The map boots, passes self-tests and leaves so much RAM above 1 MiB, in KiB."""
        run = self.boot_well(loader.multiboot1(ranges, line=line))
        self.assertIn("The rows add up", run.output)
        usable = sum(last + 1 - max(first, MIB) for first, last, name
                     in self.check_iomem(run.output) if name == "System RAM" and last > MIB)
        self.assertEqual(usable >> 10, expected_kib)
        return run

    def test_the_plain_map(self):
        self.check_usable([LOW, ALL], 63 * 1024)

    def test_unsorted_and_overlapping(self):
        self.check_usable([(32 * MIB, 32 * MIB, RAM), (1 * MIB, 20 * MIB, RAM), LOW,
                           (16 * MIB, 20 * MIB, RAM), (2 * MIB, 3 * MIB, RAM)], 63 * 1024)

    def test_the_worse_kind_wins_wherever_it_stands(self):
        self.check_usable([(20 * MIB, 1 * MIB, RESERVED), LOW, ALL, (30 * MIB, 1 * MIB, ACPI),
                           (31 * MIB, 1 * MIB, NVS), (40 * MIB, 2 * MIB, BAD),
                           (41 * MIB, 2 * MIB, 77)], (63 - 6) * 1024)

    def test_empty_and_wrapping_ranges(self):
        self.check_usable([LOW, ALL, (10 * MIB, 0, RESERVED), (0, 0, RAM),
                           (2**64 - 4096, 4096, RESERVED), (2**64 - MIB, 2 * MIB, RESERVED),
                           (2**64 - 1, 0, RAM)], 63 * 1024)

    def test_a_reserved_range_that_wraps_onto_everything_stops_at_the_end(self):
        self.check_usable([LOW, ALL, (48 * MIB, 2**64 - 1, RESERVED)], 47 * 1024)

    def test_edges_inside_pages_are_not_used(self):
        run = self.check_usable([LOW, (MIB, 31 * MIB + 1, RAM), (33 * MIB - 1, 31 * MIB, RAM)],
                                62 * 1024)
        self.assertIn("check\nevery invariant holds", run.output)

    def test_hundreds_of_pieces(self):
        pieces = [(32 * MIB + index * 65536, 32768, RAM) for index in range(400)]
        self.check_usable([LOW, (MIB, 31 * MIB, RAM), *reversed(pieces)], 31 * 1024 + 400 * 32)

    def test_hundreds_of_holes(self):
        holes = [(32 * MIB + index * 65536, 4096, RESERVED) for index in range(400)]
        self.check_usable([LOW, ALL, *holes], 63 * 1024 - 400 * 4)

    def test_more_pieces_than_can_be_noted_are_said(self):
        pieces = [(32 * MIB + index * 16384, 8192, RAM) for index in range(RANGES_MAX + 9)]
        run = self.boot_well(loader.multiboot1([LOW, (MIB, 31 * MIB, RAM), *pieces],
                                               line='run="meminfo; check"'))
        self.assertIn("memory: 11 ranges of RAM were too many to note and are not used\n",
                      run.output)

    def test_more_holes_than_can_be_noted_are_refused(self):
        holes = [(32 * MIB + index * 16384, 8192, RESERVED) for index in range(RANGES_MAX + 1)]
        self.check_refused(loader.multiboot1([LOW, ALL, *holes]),
                           "the firmware's memory map has more than 512 reserved ranges")

    def test_no_map_but_two_sizes(self):
        run = self.boot_well(loader.multiboot1(sizes=(640, 63 * 1024), line=TESTS_AND_MAP))
        self.assertEqual([name for _, _, name in self.check_iomem(run.output)][-1], "System RAM")

    def test_the_map_outweighs_the_sizes(self):
        run = self.boot_well(loader.multiboot1([LOW, (MIB, 15 * MIB, RAM)], (640, 1 << 31),
                                               line='run="meminfo; iomem"'))
        self.assertEqual(self.check_iomem(run.output)[-1][1], 16 * MIB - 1)

    def test_multiboot2(self):
        ranges = [(20 * MIB, 1 * MIB, RESERVED), ALL, LOW, (2**64 - MIB, 2 * MIB, RESERVED)]
        run = self.boot_well(loader.multiboot2(ranges, TESTS_AND_MAP), loader.MAGIC_2)
        self.assertIn((20 * MIB, 21 * MIB - 1), [edges[:2] for edges
                                                  in self.check_iomem(run.output)])


class Refused(LoaderTest):
    """What no kernel can live with: a sentence, and a failure status."""

    def test_wrong_magic(self):
        self.check_refused(loader.multiboot1([LOW, ALL]),
                           "the boot loader's magic number is not that of multiboot 1 or 2",
                           magic=0x12345678)

    def test_no_usable_memory(self):
        for ranges in (None, [], [(0, 64 * MIB, RESERVED)], [LOW], [(MIB, 0, RAM)],
                       [ALL, (0, 2**63, BAD)]):
            with self.subTest(ranges=ranges):
                self.check_refused(loader.multiboot1(ranges),
                                   "the firmware's memory map lists no usable memory")

    def test_the_kernels_own_memory_missing(self):
        for ranges in ([LOW, (16 * MIB, 48 * MIB, RAM)], [LOW, ALL, (MIB + 65536, 4096, RESERVED)]):
            with self.subTest(ranges=ranges):
                self.check_refused(loader.multiboot1(ranges), "the firmware's memory map does not "
                                                              "list the kernel's own memory")

    def test_too_little(self):
        self.check_refused(loader.multiboot1([LOW, (MIB, MIB, RAM)]),
                           r"there is not enough memory: 1024 KiB above 1 MiB, \d+ are needed")

    def test_too_many_modules(self):
        modules = [(32 * MIB + index * 4096, 32 * MIB + index * 4096 + 1, f"module{index}")
                   for index in range(MODULES_MAX + 1)]
        self.check_refused(loader.multiboot1([LOW, ALL], modules=modules),
                           "the boot loader loaded more than 32 modules")


class Loaders(LoaderTest):
    """The rest of what a loader hands over."""

    def test_as_many_modules_as_there_may_be(self):
        modules = [(32 * MIB + index * 8192, 32 * MIB + index * 8192 + 5000, f"module{index}")
                   for index in range(MODULES_MAX)]
        run = self.boot_well(loader.multiboot1([LOW, ALL], line=TESTS_AND_MAP, modules=modules))
        for start, end, name in modules:
            self.assertIn(f"{start:08x}-{end - 1:08x} : Module {name}\n", run.output)

    def test_modules_that_are_none(self):
        modules = [(32 * MIB, 32 * MIB, "empty"), (40 * MIB, 32 * MIB, "backwards"),
                   (32 * MIB, 33 * MIB, "good"), (32 * MIB + 5, 32 * MIB + 9, "inside the good")]
        run = self.boot_well(loader.multiboot1([LOW, ALL], line=TESTS_AND_MAP, modules=modules))
        self.assertIn("Module good\n", run.output)
        self.assertNotRegex(run.output, "Module (empty|backwards)")

    def test_a_name_that_is_no_text(self):
        run = self.boot_well(loader.multiboot1([LOW, ALL], line='run="iomem"', modules=[
            (32 * MIB, 33 * MIB, "\x1b[2Jn\nm\x7f" + "x" * 500)]))
        self.assertRegex(run.output, r"Module \?\[2Jn\?m\?x+\n")

    def test_a_command_line_too_long_is_cut_and_that_is_said(self):
        run = self.boot_well(loader.multiboot1([LOW, ALL], line='run="meminfo" ' + "x" * 9000))
        self.assertIn("warning: the command line is too long, its end was cut off\n", run.output)
        self.assertIn("MemTotal:", run.output)

    def test_no_command_line_leads_to_the_monitor(self):
        image = write_file(self.use(tempfile.TemporaryDirectory()), "lying.elf",
                           loader.wrap(build.kernel, loader.multiboot1([LOW, ALL])))
        run = run_command("tools/run-qemu", "-m", MEMORY, "--kernel", image, "--timeout", 2)
        self.assertEqual(run.status, verdict.TIMEOUT)
        self.assertIn("`help` lists the commands\n", run.output)
