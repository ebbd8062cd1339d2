"""Modules: nothing may touch them, whatever the kernel does with the memory around."""

import random
import re
import tempfile

from fixture import LiveTest, build, run_command, run_qemu, write_file
from model import ROOT, verdict
from screen import Machine

SIZES = (1, 4096, 5000, 300_000, 2_000_000)
SEED = 1
LARGE_BYTES = 24 << 20


def line_of(name, text):
    """The place of a module in the output of iomem: (first, last)."""
    found = re.search(rf"^ *([0-9a-f]{{8}})-([0-9a-f]{{8}}) : Module .*{name}$", text, re.MULTILINE)
    return tuple(int(number, 16) for number in found.groups()) if found else None


class Modules(LiveTest):
    """Several modules of known contents."""

    def setUp(self):
        self.folder = self.use(tempfile.TemporaryDirectory())
        generator = random.Random(SEED)
        self.contents = {f"m{index}": generator.randbytes(size)
                         for index, size in enumerate(SIZES)}
        self.files = [write_file(self.folder, name, data) for name, data in self.contents.items()]

    def initrd(self):
        """The option that loads them all, each with an argument."""
        return ",".join(f"{path} of {path.name}" for path in self.files)

    def check_places(self, output):
        """Every module is in iomem, where nothing else is; returns the places."""
        places = {name: line_of(f"of {name}", output) for name in self.contents}
        for name, data in self.contents.items():
            first, last = places[name]
            self.assertEqual(last + 1 - first, len(data), name)
        edges = sorted(places.values())
        for (_, last), (first, _) in zip(edges, edges[1:]):
            self.assertLess(last, first)
        return places

    def test_contents_survive_all_self_tests(self):
        machine = self.use(Machine('run="iomem; test all; meminfo"', memory=48 << 20,
                                   initrd=self.initrd()))
        machine.wait_serial("^`help` lists the commands$")
        self.assertNotRegex(machine.serial(), r"(?m)^ *not ok|^BUG: ")
        for name, (first, last) in self.check_places(machine.serial()).items():
            self.assertEqual(machine.memory(first, last + 1 - first), self.contents[name], name)
        rows = re.findall(r"^  Module .*of m\d +(\d+)$", machine.serial(), re.MULTILINE)
        self.assertEqual(len(rows), len(self.contents), machine.serial())

    def test_grub_hands_them_over_by_either_protocol(self):
        for protocol in ("multiboot", "multiboot2"):
            with self.subTest(protocol=protocol):
                run = run_qemu(f"--iso={protocol}", "--initrd", self.initrd(), "-m", "64M",
                               line='run="iomem; version; check"')
                self.assertEqual(run.status, verdict.SUCCESS, run.summary)
                self.check_places(run.output)
                self.assertIn("booted by multiboot " + ("2" if "2" in protocol else "1"),
                              run.output)

    def test_a_limit_that_would_cut_a_module_off_is_not_obeyed(self):
        large = write_file(self.folder, "large", bytes(LARGE_BYTES))
        run = run_qemu("-m", "64M", "--initrd", f"{large} of large",
                       line='mem=16M run="iomem; meminfo; check"')
        self.assertEqual(run.status, verdict.SUCCESS, run.summary)
        self.assertRegex(run.output, r"(?m)^warning: mem=16777216 ignored: the kernel needs \d+ "
                                     r"bytes$")
        first, last = line_of("of large", run.output)
        self.assertEqual(last + 1 - first, LARGE_BYTES)

    def test_a_limit_behind_them_is_obeyed(self):
        run = run_qemu("-m", "64M", "--initrd", self.initrd(),
                       line='mem=16M run="iomem; meminfo; test account,page_exhaustion; check"')
        self.assertEqual(run.status, verdict.SUCCESS, run.summary)
        self.check_places(run.output)
        self.assertIn("memory: 49024 KiB of RAM above 0x1000000 not used: ", run.output)

    def test_modules_that_leave_no_memory_are_refused(self):
        large = write_file(self.folder, "large", bytes(LARGE_BYTES))
        run = run_qemu("-m", "26M", "--initrd", str(large), line="test=all")
        self.assertEqual(run.status, verdict.REFUSED, run.summary)
        self.assertRegex(run.output, r"^Strata cannot start: there is not enough memory: \d+ KiB "
                                     r"above 1 MiB, \d+ are needed\.\n$")

    def test_v86_gives_no_name_and_the_contents_are_there(self):
        run = run_command("tools/run-v86", *build.arguments, "-m", "64M",
                          "--initrd", ROOT / "LICENSE", "--", "run=iomem")
        self.assertEqual(run.status, verdict.SUCCESS, run.summary)
        size = (ROOT / "LICENSE").stat().st_size
        first, last = (int(number, 16) for number in
                       re.search(r"([0-9a-f]{8})-([0-9a-f]{8}) : Module ", run.output).groups())
        self.assertEqual(last + 1 - first, size)
