"""tools/stack-depth finds what is planted in small programs of assembly."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from model import ROOT

# Two functions, with what a test lets them do.
PROGRAM = """
section .data
pointer: dd {pointer}

section .text
global kernel_main:function
static helper:function
kernel_main:
        sub     esp, {bytes}
        {body}
        add     esp, {bytes}
        ret
helper:
        {helper_body}
        ret
"""

# The declaration of the call that a test may plant.
ROLE = "role planted\n  at program.asm kernel_main\n  to helper\n"


def find_tool(name):
    """A tool that understands 32-bit programs."""
    names = f"i686-linux-gnu-{name}", f"i686-elf-{name}", name
    return next(filter(None, map(shutil.which, names)))


class StackDepth(unittest.TestCase):
    """Each mistake is told in one sentence, and is an error."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_tool(self, *options, declared="", body="", helper_body="", pointer="0", size=100):
        """The tool's status, and what it says on stderr, of a program like this."""
        (self.folder / "program.asm").write_text(PROGRAM.format(
            body=body, helper_body=helper_body, pointer=pointer, bytes=size))
        (self.folder / "declared.txt").write_text(declared)
        commands = ((shutil.which("nasm"), "-g", "-F", "dwarf", "-f", "elf32", "program.asm"),
                    (find_tool("ld"), "-m", "elf_i386", "-e", "kernel_main", "-o", "program",
                     "program.o"))
        for command in commands:
            subprocess.run(command, cwd=self.folder, check=True, timeout=20)
        done = subprocess.run(
            [ROOT / "tools/stack-depth", "--declared", self.folder / "declared.txt",
             "--objdump", find_tool("objdump"), "--addr2line", find_tool("addr2line"), "--quiet",
             *options, self.folder / "program"],
            capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.stdout, "")
        return done.returncode, done.stderr

    def refuse(self, sentence, *options, **program):
        """The tool refuses a program, with this sentence and no other."""
        status, text = self.run_tool(*options, **program)
        self.assertEqual(status, 1, text)
        self.assertIn(sentence, text)
        self.assertEqual(len(text.splitlines()), 1, text)

    def accept(self, *options, **program):
        """The tool has nothing to say about a program."""
        self.assertEqual(self.run_tool(*options, **program), (0, ""))

    def test_sum_past_the_limit(self):
        self.accept(size=8000)
        self.refuse("task stack: task 8204 + exception 12", size=8200)
        self.refuse("of 8128 bytes: too deep", size=8200)
        self.accept("--pages", "1", size=3900)
        self.refuse("of 4032 bytes: too deep", "--pages", "1", size=4100)

    def test_callees_count(self):
        self.accept(body="call helper", size=4060)
        self.refuse("task 8128 ", body="call helper", helper_body="sub esp, 4060", size=4060)

    def test_pushes_count(self):
        self.refuse("task 8132 ", body="push eax\n push eax", size=8120)

    def test_undeclared_call(self):
        self.refuse("program.asm: kernel_main() calls through a pointer, and no role",
                    body="call [pointer]")
        self.accept(body="call [pointer]", declared=ROLE)

    def test_declared_callees_count(self):
        self.refuse("task 8128 ", body="call [pointer]", pointer="helper", declared=ROLE,
                    helper_body="sub esp, 4060", size=4060)

    def test_undeclared_address(self):
        self.refuse("helper: its address is taken, but no role", pointer="helper")
        self.accept(pointer="helper", declared=ROLE)

    def test_circle(self):
        self.refuse("a circle of calls without a bound: ",
                    body="call helper", helper_body="call kernel_main")
        self.accept(body="call helper", helper_body="call kernel_main",
                    declared="most 2 kernel_main\n")

    def test_each_turn_of_a_circle_counts(self):
        self.refuse("task 12016 ", body="call helper", helper_body="call kernel_main", size=6000,
                    declared="most 2 kernel_main\n")

    def test_frame_without_bound(self):
        self.refuse("kernel_main: takes an amount of stack that is not known",
                    body="sub esp, eax")

    def test_names_of_one_file(self):
        self.accept(pointer="helper", declared=ROLE.replace("helper", "program.asm:help*"))
        self.refuse("its address is taken", pointer="helper",
                    declared=ROLE.replace("helper", "other.asm:helper"))

    def test_declarations_that_are_not_understood(self):
        self.refuse("declared.txt:1: not understood: mostly 2 helper",
                    declared="mostly 2 helper\n")
