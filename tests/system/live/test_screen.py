"""What a person sees who has only the screen, and a machine without a debug-exit port."""

import tempfile

import loader
from fixture import LiveTest, build, run_qemu, write_file
from model import verdict
from screen import COLUMNS, Machine

WHITE_ON_RED = 0x4F


class Screen(LiveTest):
    """The VGA text screen."""

    def machine(self, line="", **fields):
        """A machine until the end of the test."""
        return self.use(Machine(line, **fields))

    def test_everything_appears_on_both_consoles(self):
        machine = self.machine('run="echo here I am"')
        machine.wait_row("^here I am$")
        machine.wait_serial("^here I am$")

    def test_console_vga_keeps_the_serial_line_quiet(self):
        machine = self.machine('console=vga run="echo here I am"')
        machine.wait_row("^here I am$")
        machine.wait_row("^`help` lists the commands$")
        self.assertNotIn("here I am", machine.serial())

    def test_console_serial_keeps_the_screen_blank(self):
        machine = self.machine('console=serial run="echo here I am"')
        machine.wait_serial("^`help` lists the commands$")
        self.assertNotIn("here I am", "\n".join(machine.rows()))

    def test_long_lines_wrap_and_the_screen_scrolls(self):
        machine = self.machine("run=\"help; echo " + "x" * 100 + "; echo end\"")
        machine.wait_row("^end$")
        rows = machine.rows()
        self.assertIn("x" * COLUMNS, rows)
        self.assertIn("x" * 20, rows)

    def test_a_panic_is_on_the_screen_and_the_machine_stands_still(self):
        machine = self.machine('run="crash text-write; echo survived"')
        machine.wait_row("kernel_main")
        message = "panic: page fault: write to read-only page, kernel text"
        self.assertTrue(any(row.startswith(message) for row in machine.rows()))
        self.assertNotIn("survived", machine.serial())
        self.assertEqual(machine.ask("query-status")["status"], "running")

    def test_after_success_the_monitor_follows(self):
        machine = self.machine("test=account")
        machine.wait_serial("^success; nobody takes the status, so the monitor follows$")
        machine.wait_serial("^strata> ")

    def test_after_failure_the_monitor_follows(self):
        machine = self.machine("test=no.such.test")
        machine.wait_serial("^failure; nobody takes the status, so the monitor follows$")


class Refusals(LiveTest):
    """A machine on which the kernel cannot run is told so on screen and serial line."""

    def check(self, sentence, **fields):
        """The sentence is on both; the machine stands still. Returns the machine."""
        machine = self.use(Machine(**fields))
        machine.wait_row("^Strata cannot start: ")
        machine.wait_serial(rf"\AStrata cannot start: {sentence}")
        self.assertRegex("".join(machine.rows()), f"Strata cannot start: {sentence}")
        return machine

    def test_no_pae_is_said_in_white_on_red_and_nothing_else(self):
        machine = self.check("this CPU has no PAE", cpu="pentium")
        rows = machine.cells()
        for cell in rows[0]:
            self.assertEqual(cell >> 8, WHITE_ON_RED, hex(cell))
        self.assertEqual([row for row in machine.rows()[2:] if row], [])

    def test_no_pae_on_an_older_one(self):
        self.check("this CPU has no PAE", cpu="486")

    def test_not_enough_memory(self):
        self.check("there is not enough memory", memory=2 << 20)

    def test_wrong_magic(self):
        image = write_file(self.use(tempfile.TemporaryDirectory()), "lying.elf",
                           loader.wrap(build.kernel, loader.multiboot1([]), magic=1))
        self.check("the boot loader's magic number", kernel=image)

    def test_a_map_without_memory(self):
        image = write_file(self.use(tempfile.TemporaryDirectory()), "lying.elf",
                           loader.wrap(build.kernel, loader.multiboot1([])))
        self.check("the firmware's memory map lists no usable memory", kernel=image)


class ConsoleOption(LiveTest):
    """console= as run-qemu sees it."""

    def test_an_unknown_console_is_reported_and_the_others_stay(self):
        run = run_qemu(line='console=tape run="echo heard"')
        self.assertEqual(run.status, verdict.SUCCESS)
        self.assertIn("warning: console=tape: there is no such console\n", run.output)
        self.assertIn("heard\n", run.output)

    def test_tests_that_are_not_heard_are_no_success(self):
        self.assertEqual(run_qemu(line="console=vga test=account").status, verdict.INCOMPLETE)
