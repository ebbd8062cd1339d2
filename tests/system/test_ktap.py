"""Unit tests of the KTAP reader: the good, the cut, the noisy and the lying."""

import unittest

from model import ktap


def read(*lines, end="\n"):
    """Read lines as one report."""
    return ktap.read("\n".join(lines) + end)


def summary(report):
    """Names and outcomes, short to compare."""
    return [(result.name, result.outcome) for result in report.results]


class FlatReports(unittest.TestCase):
    """Reports with nothing nested."""

    def test_passes(self):
        report = read("KTAP version 1", "1..2", "ok 1 map", "ok 2 - zone")
        self.assertEqual(summary(report), [("map", "passed"), ("zone", "passed")])
        self.assertTrue(report.complete)

    def test_failure_keeps_its_diagnostics(self):
        report = read("KTAP version 1", "1..2", "ok 1 map", "# zone.c:7: 3 is not 4",
                      "not ok 2 zone")
        self.assertEqual(report.count("failed"), 1)
        self.assertEqual(report.results[1].detail, "zone.c:7: 3 is not 4")

    def test_diagnostics_do_not_leak_to_the_next_result(self):
        report = read("KTAP version 1", "1..2", "# about map", "ok 1 map", "not ok 2 zone")
        self.assertEqual(report.results[1].detail, "")

    def test_skip_keeps_its_reason(self):
        report = read("KTAP version 1", "1..1", "ok 1 nx # SKIP no NX here")
        self.assertEqual(report.results[0], ktap.Result("nx", "skipped", "no NX here"))

    def test_skip_in_a_name_is_no_directive(self):
        report = read("KTAP version 1", "1..1", "ok 1 skip_list")
        self.assertEqual(report.count("passed"), 1)

    def test_failure_is_a_failure_whatever_follows(self):
        report = read("KTAP version 1", "1..2", "not ok 1 a # SKIP no", "not ok 2 b # TODO later")
        self.assertEqual(report.count("failed"), 2)

    def test_nameless_result(self):
        report = read("KTAP version 1", "1..1", "ok 1")
        self.assertEqual(summary(report), [("test 1", "passed")])

    def test_empty_plan(self):
        report = read("KTAP version 1", "1..0 # SKIP nothing to do")
        self.assertTrue(report.complete)
        self.assertEqual(report.results, [])

    def test_two_reports_in_a_row(self):
        report = read("KTAP version 1", "1..1", "ok 1 a", "KTAP version 1", "1..1", "ok 1 b")
        self.assertTrue(report.complete)
        self.assertEqual(len(report.results), 2)

    def test_carriage_returns(self):
        report = ktap.read("KTAP version 1\r\n1..1\r\nok 1 a\r\n")
        self.assertEqual(summary(report), [("a", "passed")])


class NestedReports(unittest.TestCase):
    """Reports within reports."""

    def test_leaves_count_and_carry_the_name_of_the_suite(self):
        report = read("KTAP version 1", "1..2", "    KTAP version 1", "    # Subtest: buddy",
                      "    1..2", "    ok 1 split", "    # buddy.c:3: no", "    not ok 2 merge",
                      "not ok 1 buddy", "ok 2 zone")
        self.assertEqual(summary(report), [("buddy.split", "passed"), ("buddy.merge", "failed"),
                                           ("zone", "passed")])
        self.assertEqual(report.results[1].detail, "buddy.c:3: no")
        self.assertTrue(report.complete)

    def test_three_levels(self):
        report = read("KTAP version 1", "1..1", "  KTAP version 1", "  1..1", "    KTAP version 1",
                      "    1..1", "    ok 1 c", "  ok 1 b", "ok 1 a")
        self.assertEqual(summary(report), [("a.b.c", "passed")])
        self.assertTrue(report.complete)

    def test_suite_fails_beside_its_leaves(self):
        report = read("KTAP version 1", "1..1", "    KTAP version 1", "    1..1", "    ok 1 leaf",
                      "# pages were lost", "not ok 1 suite")
        self.assertEqual(summary(report), [("suite.leaf", "passed"), ("suite", "failed")])
        self.assertIn("pages were lost", report.results[1].detail)

    def test_nested_plan_not_carried_out(self):
        report = read("KTAP version 1", "1..1", "    KTAP version 1", "    1..3", "    ok 1 leaf",
                      "ok 1 suite")
        self.assertFalse(report.complete)
        self.assertIn("suite planned 3 tests and reported 1", report.problems)

    def test_output_ends_inside_a_suite(self):
        report = read("KTAP version 1", "1..2", "    KTAP version 1", "    1..3", "    ok 1 leaf",
                      "    not ok 2 leaf")
        self.assertFalse(report.complete)
        self.assertEqual(report.count("failed"), 1)

    def test_new_report_while_a_suite_is_open(self):
        report = read("KTAP version 1", "1..1", "    KTAP version 1", "    1..1", "    ok 1 leaf",
                      "KTAP version 1", "1..1", "ok 1 a")
        self.assertFalse(report.complete)
        self.assertEqual(len(report.results), 2)


class BrokenReports(unittest.TestCase):
    """What a serial line and a dying kernel make of a report."""

    def test_fewer_results_than_planned(self):
        report = read("KTAP version 1", "1..3", "ok 1 a", "ok 2 b")
        self.assertFalse(report.complete)

    def test_more_results_than_planned(self):
        report = read("KTAP version 1", "1..1", "ok 1 a", "ok 2 b")
        self.assertFalse(report.complete)

    def test_no_plan(self):
        self.assertFalse(read("KTAP version 1", "ok 1 a").complete)

    def test_no_report_at_all(self):
        report = read("Strata: booted", "ok then", "1..2")
        self.assertFalse(report.plan_seen)
        self.assertFalse(report.complete)

    def test_bail_out(self):
        report = read("KTAP version 1", "1..1", "ok 1 a", "Bail out! out of memory")
        self.assertIn("bailed out: out of memory", report.problems)

    def test_number_left_out(self):
        report = read("KTAP version 1", "1..2", "ok 1 a", "ok 3 c")
        self.assertFalse(report.complete)

    def test_number_given_twice(self):
        self.assertFalse(read("KTAP version 1", "1..2", "ok 1 a", "ok 1 a").complete)

    def test_plan_given_twice(self):
        self.assertFalse(read("KTAP version 1", "1..2", "1..1", "ok 1 a").complete)

    def test_last_line_cut_in_its_name(self):
        report = read("KTAP version 1", "1..2", "ok 1 a", "ok 2 b", end="")
        self.assertFalse(report.complete)
        self.assertEqual(len(report.results), 1)

    def test_plan_cut_in_its_number(self):
        report = read("KTAP version 1", "1..1", end="")
        self.assertFalse(report.complete)

    def test_log_lines_between(self):
        report = read("SeaBIOS", "KTAP version 1", "cpu1 is up", "1..2", "ok 1 a", "panic is ok 1",
                      "not okay", "  indented words", "ok 2 b", "bye")
        self.assertTrue(report.complete)
        self.assertEqual(report.count("passed"), 2)

    def test_noise_that_swallows_a_result(self):
        report = read("KTAP version 1", "1..2", "ok 1 a", "cpu1: not ok 2 b")
        self.assertFalse(report.complete)

    def test_noise_that_swallows_the_version(self):
        self.assertFalse(read("\x00\xffKTAP version 1", "1..1", "ok 1 a").complete)

    def test_bytes_that_are_no_text(self):
        report = read("KTAP version 1", "1..1", "\x1b[2J\ufffd\ufffd", "ok 1 a")
        self.assertTrue(report.complete)

    def test_result_at_an_indent_without_a_plan(self):
        self.assertFalse(read("KTAP version 1", "1..1", "    not ok 1 lost", "ok 1 a").complete)

    def test_nested_report_without_an_outer_one(self):
        report = read("    KTAP version 1", "    1..1", "    ok 1 a")
        self.assertFalse(report.complete)


class Streams(unittest.TestCase):
    """Text comes in pieces of any size."""

    TEXT = "KTAP version 1\n1..2\n    KTAP version 1\n    1..1\n    ok 1 a\nok 1 s\nok 2 b\n"

    def test_every_way_to_cut_the_stream_in_two(self):
        expected = summary(ktap.read(self.TEXT))
        for cut in range(len(self.TEXT)):
            report = ktap.Report()
            report.feed(self.TEXT[:cut])
            report.feed(self.TEXT[cut:])
            self.assertEqual(summary(report.close()), expected)
            self.assertTrue(report.complete)

    def test_a_prefix_is_never_complete(self):
        for cut in range(len(self.TEXT)):
            with self.subTest(cut=cut):
                self.assertFalse(ktap.read(self.TEXT[:cut]).complete)


if __name__ == "__main__":
    unittest.main()
