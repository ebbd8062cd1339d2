"""What the programs that run a guest have in common towards their user: printing and leaving."""

import argparse
import math
import shlex
import signal
import sys

from guest import qemu, verdict


class UsageError(Exception):
    """A file or a tool is missing, or an option makes no sense; the text says what to do."""


class Interrupted(Exception):
    """We were told to stop."""


def size(text):
    """The value of an option that is a size, in bytes."""
    try:
        return qemu.parse_size(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no size") from None


def seconds(text):
    """The value of an option that is a time."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no time in seconds above 0")
    return value


def words(text):
    """The value of an option that is split as a shell does."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be split: {error}") from None


def printer(report):
    """A consumer of the guest's output: prints it at once and feeds the report."""
    def consume(text):
        report.feed(text)
        sys.stdout.write(text)
        sys.stdout.flush()
    return consume


def conclude(program, ending, report, tests_wanted):
    """Say on stderr, in one line, what became of the guest; returns the exit status."""
    status, sentence = verdict.judge(ending, report, tests_wanted)
    print(f"{program}: {verdict.NAMES[status]}: {sentence}", file=sys.stderr)
    return status


def guard(program, main):
    """Call main() and turn what it raises into a line on stderr and an exit status."""
    raise_on_signals()
    try:
        return main()
    except UsageError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return verdict.USAGE
    except BrokenPipeError:
        sys.stderr.close()
        return verdict.INTERRUPTED
    except Interrupted:
        print(f"{program}: interrupted", file=sys.stderr)
        return verdict.INTERRUPTED


def raise_on_signals():
    """Turn the polite ways to end this program into an exception, so that the guest ends too."""
    def interrupt(_number, _frame):
        raise Interrupted
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
