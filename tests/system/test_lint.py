"""Each check of tools/lint finds the fault that is planted for it, and passes what is right."""

import importlib
import shutil
import tempfile
import unittest
from pathlib import Path

import model  # noqa: F401  # pylint: disable=unused-import  # makes the folder tools known
from checks.tree import Tree

MAKEFILE = """\
CC = gcc -m32
DEBUG = 1
compile-command:
\t@echo '$(CC) -Wall -Wextra -iquote . -DSTRATA_DEBUG=$(DEBUG)'
all: compile-command
"""


class LintTest(unittest.TestCase):
    """A small tree of files, looked at by one check."""

    def findings(self, check, files):
        """What a check says of files, as FILE:LINE: MESSAGE."""
        with tempfile.TemporaryDirectory(prefix="test-lint-") as folder:
            for path, text in {"Makefile": MAKEFILE, **files}.items():
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            tree = Tree(folder)
            return [str(finding) for finding in
                    sorted(importlib.import_module(f"checks.{check}").check(tree))]

    def assert_finds(self, check, files, *expected):
        """That a check finds just this: the beginnings of its findings."""
        found = self.findings(check, files)
        self.assertEqual(len(found), len(expected), found)
        for text, beginning in zip(found, expected):
            self.assertTrue(text.startswith(beginning), text)


class Includes(LintTest):
    """The rings."""

    FILES = {"lib/a.h": "", "kernel/cpu/a.h": "", "kernel/sync/a.h": "", "mm/a.h": "",
             "mm/map/a.h": "", "mm/boot/a.h": "", "mm/phys/a.h": "", "mm/debug/a.h": "",
             "drivers/x/a.h": "", "kernel/a.h": "", "boot/a.h": "", "tests/host/a.h": ""}
    ORDER = ("lib/", "kernel/cpu/", "kernel/sync/", "mm/", "mm/map/", "mm/boot/", "mm/phys/",
             "mm/debug/", "drivers/x/", "kernel/")

    def judge(self, including, included):
        """The findings for one include."""
        return self.findings("includes", {**self.FILES, including: f'#include "{included}"\n'})

    def test_downward_is_right_and_upward_is_wrong(self):
        for height, low in enumerate(self.ORDER):
            for high in self.ORDER[height + 1:]:
                self.assertEqual(self.judge(high + "b.c", low + "a.h"), [])
                self.assertIn("includes upward", "".join(self.judge(low + "b.c", high + "a.h")))

    def test_the_top_ring_is_one(self):
        self.assertEqual(self.judge("boot/b.c", "kernel/a.h"), [])
        self.assertEqual(self.judge("kernel/b.c", "boot/a.h"), [])

    def test_nobody_includes_tests(self):
        self.assertIn("upward", "".join(self.judge("kernel/b.c", "tests/host/a.h")))

    def test_includes_start_at_the_root(self):
        self.assertIn("no path", "".join(self.judge("mm/phys/b.c", "a.h")))

    def test_the_c_library_is_not_there(self):
        self.assert_finds("includes", {"mm/a.c": "#include <stdio.h>\n"}, "mm/a.c:1: <stdio.h>")
        self.assert_finds("includes", {"lib/types.h": "#include <stdint.h>\n"})

    def test_rooms_are_known(self):
        self.assert_finds("includes", {"mm/attic/a.c": ""}, "mm/attic/a.c: lies in no room")

    def test_unused(self):
        header = {"lib/a.h": "/* f - do it. */\nint f(void);\n#define LIMIT 3\n", "lib/c.h": "",
                  "lib/b.h": '#include "lib/a.h"\n'}
        include = '#include "lib/b.h"\n'
        self.assert_finds("unused", {**header, "lib/d.c": include + "int g = LIMIT;\n"})
        self.assert_finds("unused", {**header, "lib/d.c": include + "int g = 3;  /* LIMIT */\n"},
                          'lib/d.c:1: nothing of "lib/b.h"')


class Style(LintTest):
    """The limits."""

    def function(self, body, above="/* Do it. */\n"):
        """A file with one function."""
        return {"lib/a.c": f"{above}void f(void)\n{{\n{body}}}\n"}

    def test_a_good_function(self):
        self.assert_finds("style", self.function("        g();\n" * 47))

    def test_lines(self):
        self.assert_finds("style", {"lib/a.c": "int a; \nint\tb;\n" + "x" * 101},
                          "lib/a.c:1: trailing blanks", "lib/a.c:2: a tab",
                          "lib/a.c:3: 101 columns", "lib/a.c:3: the last line has no end")

    def test_columns_are_characters(self):
        self.assert_finds("style", {"lib/a.c": "/* " + "…" * 94 + " */\n"})

    def test_long_functions_and_files(self):
        self.assert_finds("style", self.function("        g();\n" * 48), "lib/a.c:2: f() has 51")
        self.assert_finds("style", {"lib/a.c": "int a;\n" * 501}, "lib/a.c: 501 lines")

    def test_nesting(self):
        lines = [" " * 8 * depth + "if (a) {\n" for depth in range(1, 5)]
        closing = [" " * 8 * depth + "}\n" for depth in range(4, 0, -1)]
        self.assert_finds("style", self.function("".join(lines + closing)),
                          "lib/a.c:7: f() is nested 4 deep")
        self.assert_finds("style", self.function("".join(lines[:3] + closing[1:])))

    def test_conditionals_in_bodies(self):
        self.assert_finds("style", self.function("#if A\n        g();\n#endif\n"),
                          "lib/a.c:4: a conditional")

    def test_comments_above_functions(self):
        self.assert_finds("style", self.function("", above="int a;\n\n"), "lib/a.c:3: f() has no")
        self.assert_finds("style", {**self.function("", above=""),
                                    "lib/a.h": "/* e, f - do it. */\nvoid e(void);\n"})
        self.assert_finds("style", {**self.function("", above=""),
                                    "lib/a.h": "/* Both do it. */\nvoid e(void);\nvoid f(void);\n"})
        self.assert_finds("style", {**self.function("", above=""),
                                    "lib/a.h": "/* Alone. */\nvoid e(void);\n\nvoid f(void);\n"},
                          "lib/a.c:1: f() has no")

    def test_tests_need_no_comment(self):
        self.assert_finds("style", {"tests/unit/a.c": "TEST(suite, name)\n{\n}\n"})

    def test_braces_in_strings_and_comments_do_not_count(self):
        self.assert_finds("style", self.function('        g("}\\"{", \'{\');  /* } */\n'))

    def test_bodies_on_the_same_line(self):
        self.assert_finds("style", {"lib/a.c": "/* f. */\nint f(void) { return 0; }\n"},
                          "lib/a.c:2: a function's brace")

    def test_postponed_work(self):
        word = "TO" + "DO"
        self.assert_finds("style", {"lib/a.c": f"/* {word}: more */\n"}, f"lib/a.c:1: '{word}'")
        self.assert_finds("style", {"tools/a.py": f"# {word}\n"}, f"tools/a.py:1: '{word}'")
        self.assert_finds("style", {"lib/a.c": f'char *a = "{word}";\n'})


class Invariants(LintTest):
    """Statements, checks and tests."""

    THEORY = "/*\n * Invariants  LIST-1  it ends.{}\n *             LIST-2  it begins.\n{} */\n"
    CHECKS = "CHECK_INVARIANT(LIST-1, a, a);\nCHECK_INVARIANT(LIST-2, a, a);\n"

    def tree(self, code=CHECKS, test="/* LIST-1, LIST-2 */\n", remark="", common=""):
        """A theory of two invariants, with what checks and tests them."""
        return {"mm/a.c": self.THEORY.format(remark, common) + code, "tests/unit/test_a.c": test}

    def test_all_is_well(self):
        self.assert_finds("invariants", self.tree())

    def test_orphans(self):
        self.assert_finds("invariants", self.tree(code="CHECK_INVARIANT(LIST-1, a, a);\n"),
                          "mm/a.c:3: LIST-2 is checked by nothing")
        self.assert_finds("invariants", self.tree(test="/* LIST-1, LIST-21 */\n"),
                          "mm/a.c:3: LIST-2 is named by no test", "tests/unit/test_a.c:1: LIST-21")

    def test_names_of_tests_count(self):
        self.assert_finds("invariants", self.tree(
            test="TEST(list, list_1)\n{\n}\n\n/* LIST_2 */\n"))
        self.assert_finds("invariants", self.tree(test="int list_1; /* LIST-2 */\n"),
                          "mm/a.c:2: LIST-1 is named by no test")

    def test_remarks_count_as_checks(self):
        self.assert_finds("invariants", self.tree(
            code="void f(void);\nCHECK_INVARIANT(LIST-2, a, a);\n", remark=" (Guarded by f().)"))
        self.assert_finds("invariants", self.tree(
            code="void f(void);\n", common=" *             (Guarded by f() in mm/a.c and more.)\n"))

    def test_remarks_name_what_is_there(self):
        self.assert_finds("invariants", self.tree(
            remark=" (Guarded by g() and tests/unit/test_b.c.)"),
            "mm/a.c:2: the remark names g()", "mm/a.c:2: the remark names tests/unit/test_b.c")

    def test_static_assertions_need_no_test(self):
        self.assert_finds("invariants", self.tree(
            code='static_assert(1, "LIST-1");\nCHECK_INVARIANT(LIST-2, a, a);\n',
            test="/* LIST-2 */\n"))

    def test_cited_but_never_stated(self):
        self.assert_finds("invariants", self.tree(
            code=self.CHECKS + "/* LIST-3 */\nCHECK_INVARIANT(TREE-1, a, a);\n"),
            "mm/a.c:7: LIST-3 is stated nowhere", "mm/a.c:8: TREE-1 is stated nowhere")

    def test_stated_twice(self):
        theory = "/*\n * Invariants  LIST-1  again.\n */\n"
        self.assert_finds("invariants", {**self.tree(), "mm/b.c": theory},
                          "mm/b.c:2: LIST-1 is stated in mm/a.c")


class Names(LintTest):
    """What texts name."""

    CODE = {"kernel/a.c": 'MONITOR_COMMAND(peek, "", "")\n{\n}\nchar *a = "bad-order";\n',
            "docs/a.md": ""}

    def test_what_is_there(self):
        text = '`kernel/a.c` "BUG: bad-order: x" run="peek 1; peek"\nstrata> peek 1\n`make all`\n'
        self.assert_finds("names", {**self.CODE, "docs/a.md": text})

    def test_what_is_not(self):
        for text, message in (
                ("see kernel/b.c", "kernel/b.c is not there"),
                ("BUG: bad-luck: x", "nothing reports 'BUG: bad-luck'"),
                ('run="peek; poke"', "the monitor has no command 'poke'"),
                ("strata> poke", "the monitor has no command 'poke'"),
                ("`make coffee`", "make has no target 'coffee'")):
            self.assert_finds("names", {**self.CODE, "docs/a.md": text + "\n"},
                              f"docs/a.md:1: {message}")

    def test_comments_name_files(self):
        self.assert_finds("names", {**self.CODE, "lib/a.h": "/* see docs/b.md */\n"},
                          "lib/a.h:1: docs/b.md is not there")


class Programs(LintTest):
    """The checks that run other programs."""

    LOCK = """\
struct __attribute__((capability("lock"))) lock { int held; };
extern struct lock lock;
void f(void) __attribute__((requires_capability(&lock)));
"""

    def test_scripts(self):
        self.assert_finds("scripts", {"tools/a": "#!/bin/sh\nif true\n", "tools/b.py": "def\n",
                                      "tools/c": "#!/usr/bin/env python3\n(\n"},
                          "tools/a: ", "tools/b.py:1: ", "tools/c:2: ")
        self.assert_finds("scripts", {"tools/a": "#!/bin/sh\ntrue\n", "tools/b.py": "a = 1\n"})

    @unittest.skipUnless(shutil.which("clang"), "clang is not installed")
    def test_headers(self):
        self.assert_finds("headers", {"lib/a.h": "#pragma once\nstruct a { int a; };\n"})
        self.assertIn("lib/a.h:1: ", self.findings("headers", {"lib/a.h": "u32 f(void);\n"})[0])
        self.assertIn("redefinition",
                      "".join(self.findings("headers", {"lib/a.h": "struct a { int a; };\n"})))

    @unittest.skipUnless(shutil.which("clang"), "clang is not installed")
    def test_locks(self):
        caller = "void g(void);\nvoid g(void) { f(); }\n"
        self.assertIn("mm/a.c:5: ", "".join(self.findings("locks", {"mm/a.c": self.LOCK + caller})))
        holding = caller.replace("void);", "void) __attribute__((requires_capability(&lock)));")
        self.assert_finds("locks", {"mm/a.c": self.LOCK + holding})
        in_release = f"{self.LOCK}#if !STRATA_DEBUG\n{caller}#endif\n"
        self.assertIn("mm/a.c:6: ", "".join(self.findings("locks", {"mm/a.c": in_release})))

    @unittest.skipUnless(shutil.which("cppcheck"), "cppcheck is not installed")
    def test_suspicions(self):
        code = "int f(void);\nint f(void)\n{\n        int a[2];\n        return a[2];\n}\n"
        self.assertIn("mm/a.c:5: ", "".join(self.findings("suspicions", {"mm/a.c": code})))
        self.assert_finds("suspicions", {"mm/a.c": "int a;\n"})


if __name__ == "__main__":
    unittest.main()
