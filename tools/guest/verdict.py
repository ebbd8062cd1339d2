"""
What became of a guest, in one status and one sentence.

A guest has several ways to end, and an emulator reports most of them alike: QEMU exits with 0 after
a triple fault, a reset and a power-off. Here each gets a status of its own, and "success" needs two
witnesses: the guest's own word through the debug-exit port, and a test report without a gap.
"""

from dataclasses import dataclass

from guest import ktap

SUCCESS = 0
TESTS_FAILED = 1
USAGE = 2
PANIC = 3
INCOMPLETE = 4
TRIPLE_FAULT = 5
RESET = 6
TIMEOUT = 7
REFUSED = 8
EMULATOR_FAILED = 9
SILENT_OFF = 10
INTERRUPTED = 130

NAMES = {
    SUCCESS: "success",
    TESTS_FAILED: "tests failed",
    USAGE: "usage",
    PANIC: "panic",
    INCOMPLETE: "incomplete plan",
    TRIPLE_FAULT: "triple fault",
    RESET: "reset",
    TIMEOUT: "time-out",
    REFUSED: "boot refused",
    EMULATOR_FAILED: "emulator failed",
    SILENT_OFF: "off without a status",
    INTERRUPTED: "interrupted",
}

EXIT_STATUS_HELP = """\
exit status:
  0   success       the guest said success, and its test report, if any, has no gap; or it was
                    left from its terminal
  1   tests failed  tests failed, or a command of run= did
  2   usage         wrong options, or a file or a tool is missing
  3   panic         the kernel panicked
  4   incomplete    the guest said success, but tests were asked for and the plan is missing or
                    was not carried out
  5   triple fault  the CPU gave up
  6   reset         the guest rebooted the machine, or a watchdog did
  7   time-out      the guest did not end in time and was stopped
  8   boot refused  the kernel said why it cannot run on this machine, and halted
  9   emulator      the emulator failed, was killed, or ended with a status it should not have
  10  silent off    the guest switched the machine off without saying success
  130 interrupted   by the keyboard or a signal
"""

# What the guest writes to the debug-exit port.
SAID_SUCCESS, SAID_FAILED, SAID_PANIC, SAID_REFUSED = 0x10, 0x11, 0x12, 0x13


@dataclass
class Ending:
    """How the machine stopped; said is the byte the guest left, None if it left none."""
    said: int = None
    timed_out: bool = False
    triple_fault: bool = False
    reset: bool = False
    powered_off: bool = False
    left: bool = False              # by whoever sat at its terminal
    emulator_error: str = ""


def judge(ending, report, tests_wanted):
    """Weigh the ending of a machine and the report it printed: returns (status, sentence)."""
    if ending.left:
        return SUCCESS, "left"
    status, sentence = judge_ending(ending)
    if status != SUCCESS:
        return status, sentence
    return judge_report(report, tests_wanted)


def judge_ending(ending):
    """What the machine itself says, without regard to the tests."""
    if ending.timed_out:
        return TIMEOUT, "the guest did not end in time"
    if ending.said is not None:
        return judge_word(ending.said)
    if ending.triple_fault:
        return TRIPLE_FAULT, "the CPU could not deliver a fault"
    if ending.reset:
        return RESET, "the machine was reset"
    if ending.powered_off:
        return SILENT_OFF, "the machine was switched off and never said success"
    return EMULATOR_FAILED, ending.emulator_error or "it ended without a reason"


def judge_word(said):
    """What the guest wrote to the debug-exit port."""
    words = {
        SAID_SUCCESS: (SUCCESS, "the guest said success"),
        SAID_FAILED: (TESTS_FAILED, "tests failed, or a command of run= did"),
        SAID_PANIC: (PANIC, "the kernel panicked"),
        SAID_REFUSED: (REFUSED, "the kernel refused to boot on this machine"),
    }
    return words.get(said, (EMULATOR_FAILED, f"unknown debug-exit value {said:#x}"))


def judge_report(report, tests_wanted):
    """The guest said success: does its test report bear it out?"""
    failed = report.count(ktap.FAILED)
    if failed:
        return TESTS_FAILED, f"the guest said success, but {failed} tests failed"
    if report.problems:
        return INCOMPLETE, "; ".join(report.problems)
    if tests_wanted and not report.results:
        return INCOMPLETE, "tests were asked for, and none was reported"
    if not report.plan_seen:
        return SUCCESS, "the guest said success"
    passed, skipped = report.count(ktap.PASSED), report.count(ktap.SKIPPED)
    return SUCCESS, f"{passed} tests passed, {skipped} skipped"
