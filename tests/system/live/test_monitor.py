"""The monitor, typed at: each test is a machine of its own, with a terminal as its serial line."""

from fixture import LiveTest
from model import verdict
from terminal import (BACKSPACE, DELETE, DOWN, END, ENTER, HOME, LEFT, PROMPT, RIGHT, TAB, UP,
                      Session, control)

LINE_CHARACTERS = 255
COLUMNS = 80


class Editing(LiveTest):
    """Changing a line before it is entered."""

    def setUp(self):
        self.session = self.use(Session())

    def test_letters_appear_and_the_command_runs(self):
        self.session.type("echo hello")
        self.session.wait_line("echo hello")
        self.assertEqual(self.session.enter(), ["hello"])

    def test_backspace_and_delete(self):
        self.session.type("echo abcx" + BACKSPACE + LEFT + LEFT + DELETE)
        self.session.wait_line("echo ac", column=6)
        self.assertEqual(self.session.enter(), ["ac"])

    def test_inserting_in_the_middle(self):
        self.session.type("echo ad" + LEFT + "bc")
        self.session.wait_line("echo abcd", column=8)
        self.session.type(HOME + "x" + DELETE + BACKSPACE + "e" + RIGHT + END + "e")
        self.session.wait_line("echo abcde")
        self.assertEqual(self.session.enter(), ["abcde"])

    def test_control_keys_move(self):
        self.session.type("cho a" + control("A") + "e" + control("F") + control("F"))
        self.session.wait_line("echo a", column=3)
        self.session.type(control("E") + control("B") + "b")
        self.session.wait_line("echo ba", column=6)
        self.assertEqual(self.session.enter(), ["ba"])

    def test_killing_and_bringing_back(self):
        self.session.type("echo one two" + control("W"))
        self.session.wait_line("echo one ")
        self.session.type(control("Y") + control("Y"))
        self.session.wait_line("echo one twotwo")
        self.session.type(LEFT * 3 + control("K"))
        self.session.wait_line("echo one two")
        self.session.type(control("U"))
        self.session.wait_line("")
        self.session.type("echo after")
        self.assertEqual(self.session.enter(), ["after"])

    def test_control_c_gives_up_the_line(self):
        self.session.type("panic" + control("C"))
        self.session.wait_prompt(len(self.session.terminal.lines))
        self.assertEqual(self.session.terminal.lines[-2], PROMPT + "panic^C")
        self.assertEqual(self.session.enter("echo alive"), ["alive"])

    def test_control_d_on_an_empty_line_says_how_to_leave(self):
        line_count = len(self.session.terminal.lines)
        self.session.type(control("D"))
        self.session.wait_prompt(line_count)
        self.assertIn("`poweroff` ends the machine", self.session.terminal.lines)

    def test_control_l_clears_the_screen_and_keeps_the_line(self):
        self.session.enter("echo gone")
        self.session.type("echo kept" + control("L"))
        self.session.wait_for(lambda terminal: terminal.lines == [PROMPT + "echo kept"],
                              "nothing but the line")
        self.assertEqual(self.session.enter(), ["kept"])

    def test_unknown_sequences_do_nothing(self):
        self.session.type("echo \x1b[15~a\x1b[1;5Rb\x1bOPc")
        self.session.wait_line("echo abc")
        self.assertEqual(self.session.enter(), ["abc"])


class LineEnds(LiveTest):
    """What terminals and scripts send for the end of a line."""

    def setUp(self):
        self.session = self.use(Session())

    def test_all_kinds_of_line_ends(self):
        for end in ("\r", "\n", "\r\n"):
            line_count = len(self.session.terminal.lines)
            self.session.type("echo one" + end)
            self.session.wait_prompt(line_count)
            self.assertEqual(self.session.terminal.lines[line_count:], ["one", PROMPT])
        self.assertEqual(self.session.enter("echo two"), ["two"])

    def test_empty_lines_only_give_a_prompt(self):
        self.assertEqual(self.session.enter(), [])
        self.assertEqual(self.session.enter("   "), [])
        self.assertEqual(self.session.enter(" ; ;"), [])

    def test_typing_ahead_loses_nothing(self):
        """More than the ring of the driver holds, while a command runs."""
        for number in range(40):
            self.session.type(f"echo line number {number}" + ENTER)
        self.session.wait_for(lambda terminal: "line number 39" in terminal.lines, "the last line")
        shown = [line for line in self.session.terminal.lines if line.startswith("line number")]
        self.assertEqual(shown, [f"line number {number}" for number in range(40)])

    def test_long_lines_scroll_and_arrive_whole(self):
        word = "".join(chr(ord("a") + index % 26) for index in range(LINE_CHARACTERS - 5))
        self.session.type("echo " + word)
        self.session.wait_for(lambda terminal: terminal.lines[-1].endswith(word[-60:]),
                              "the end of the line")
        self.assertLess(len(self.session.terminal.lines[-1]), COLUMNS)
        self.assertEqual(self.session.enter(), [word])

    def test_a_full_line_rings_the_bell(self):
        word = "x" * (LINE_CHARACTERS - 5)
        self.session.type("echo " + word + "yz")
        self.session.wait_bell(2)
        self.assertEqual(self.session.enter(), [word])


class History(LiveTest):
    """Lines from before."""

    def setUp(self):
        self.session = self.use(Session())

    def test_arrows_walk_through_it(self):
        for word in ("one", "two", "two", "three"):
            self.session.enter(f"echo {word}")
        self.session.type("unfinished")
        for key, shown in ((UP, "echo three"), (UP, "echo two"), (UP, "echo one"),
                           (DOWN, "echo two"), (control("N"), "echo three"),
                           (control("P"), "echo two"), (DOWN, "echo three"),
                           (DOWN, "unfinished")):
            self.session.type(key)
            self.session.wait_line(shown)

    def test_the_ends_ring_the_bell(self):
        self.session.type(UP)
        self.session.wait_bell(1)
        self.session.enter("echo one")
        self.session.type(UP + UP)
        self.session.wait_bell(2)
        self.session.wait_line("echo one")

    def test_an_old_line_can_be_changed_and_run(self):
        self.session.enter("echo one")
        self.session.type(UP)
        self.session.wait_line("echo one")
        self.assertEqual(self.session.enter(" more"), ["one more"])
        self.session.type(UP + UP)
        self.session.wait_line("echo one")


class Completion(LiveTest):
    """Tab."""

    def setUp(self):
        self.session = self.use(Session())

    def test_a_command(self):
        self.session.type("budd" + TAB)
        self.session.wait_line("buddyinfo ")

    def test_candidates_are_listed(self):
        self.session.type("allo" + TAB)
        self.session.wait_line("alloc")
        line_count = len(self.session.terminal.lines)
        self.session.type(TAB + TAB)
        self.session.wait_for(lambda terminal: len(terminal.lines) >= line_count + 2, "a list")
        self.session.wait_line("alloc")
        self.assertEqual(sorted(self.session.terminal.lines[-2].split()), ["alloc", "allocs"])

    def test_a_symbol_and_a_second_command(self):
        self.session.type("echo x; symbols kernel_mai" + TAB)
        self.session.wait_line("echo x; symbols kernel_main ")

    def test_what_nothing_begins_with_rings_the_bell(self):
        self.session.type("xyzzy" + TAB)
        self.session.wait_bell(1)
        self.session.wait_line("xyzzy")


class Commands(LiveTest):
    """Running and leaving."""

    def setUp(self):
        self.session = self.use(Session("-m", "64M"))

    def test_several_on_a_line(self):
        self.assertEqual(self.session.enter('echo a;echo "b; c"; nonsense; echo d'),
                         ["a", "b; c", "nonsense: no such command; `help` lists them", "d"])

    def test_help_lists_every_command_and_explains_it(self):
        listed = [line.split()[0] for line in self.session.enter("help")]
        for name in ("meminfo", "buddyinfo", "zoneinfo", "iomem", "pagetypes", "cpuinfo",
                     "symbols", "peek", "alloc", "free", "test", "panic", "poweroff", "reboot"):
            self.assertIn(name, listed)
        self.assertEqual(listed, sorted(listed))
        for name in listed:
            self.assertRegex(self.session.enter(f"help {name}")[0], f"^usage: {name}")

    def test_memory_taken_is_memory_gone(self):
        def free_kib():
            self.session.enter("drain")
            return next(int(line.split()[1]) for line in self.session.enter("meminfo")
                        if line.startswith("MemFree:"))
        before = free_kib()
        self.assertRegex(self.session.enter("alloc 4 GFP_KERNEL")[0], r"^pfn:0x.* order:4$")
        self.assertEqual(free_kib(), before - 64)
        self.assertEqual(self.session.enter("free last"), [])
        self.assertEqual(free_kib(), before)

    def test_poweroff_ends_with_success(self):
        self.session.type("echo bye; poweroff" + ENTER)
        status, sentence = self.session.wait_end()
        self.assertEqual((status, sentence), (verdict.SUCCESS,
                                              "run-qemu: success: the guest said success\n"))
        self.assertIn("bye", self.session.terminal.lines)

    def test_panic_ends_with_its_status(self):
        self.session.type("panic \"so it ends\"" + ENTER)
        self.assertEqual(self.session.wait_end()[0], verdict.PANIC)
        self.assertIn("panic: so it ends", self.session.terminal.lines)

    def test_leaving_by_the_emulators_key_is_no_failure(self):
        self.session.type("\x01x")
        self.assertEqual(self.session.wait_end(), (verdict.SUCCESS, "run-qemu: success: left\n"))
