"""Running an emulator: its output as it comes, its end in time, and nothing left behind."""

import codecs
import io
import os
import re
import selectors
import subprocess
import sys
import termios
import threading
import time

PATIENCE_SECONDS = 2
SAYS_IT_WAS_STOPPED = re.compile(rb": terminating on signal \d+")


def run_watched(command, timeout, consume, pass_fds=()):
    """
    Run a command without input and hand its output to consume(text) as it comes, line ends plain.

    timeout is in seconds, None for no limit. Returns (exit status, whether it ran out of time); the
    status is negative for a signal. The command has ended when this returns, however it returns.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, pass_fds=pass_fds)
    errors = start_copying_errors(process.stderr)
    try:
        timed_out = copy_output(process.stdout, deadline, consume)
        if not timed_out:
            timed_out = not wait_until(process, deadline)
    finally:
        stop(process)
        process.stdout.close()
        errors.join(PATIENCE_SECONDS)
    return process.returncode, timed_out


def run_attached(command, timeout, pass_fds=()):
    """Run a command on our own terminal; returns as run_watched() does."""
    deadline = None if timeout is None else time.monotonic() + timeout
    terminal = save_terminal()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, pass_fds=pass_fds)
    errors = start_copying_errors(process.stderr)
    try:
        timed_out = not wait_until(process, deadline)
    finally:
        stop(process)
        restore_terminal(terminal)
        errors.join(PATIENCE_SECONDS)
    return process.returncode, timed_out


def start_copying_errors(stream):
    """Copy what comes to stderr, in a thread that is returned and ends with the stream."""
    thread = threading.Thread(target=copy_errors, args=(stream,), daemon=True)
    thread.start()
    return thread


def copy_errors(stream):
    """Copy lines to stderr, but not QEMU's word that a signal ended it: we say why it ended."""
    with stream:
        for line in stream:
            if not SAYS_IT_WAS_STOPPED.search(line):
                sys.stderr.write(line.decode(errors="replace"))
                sys.stderr.flush()


def copy_output(stream, deadline, consume):
    """Hand on what comes until the stream ends; returns True when the deadline came first."""
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder("utf-8")(errors="replace"), translate=True)
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            remaining = None if deadline is None else deadline - time.monotonic()
            if remaining is not None and remaining <= 0:
                return True
            if not selector.select(remaining):
                continue
            chunk = os.read(stream.fileno(), 65536)
            consume(decoder.decode(chunk, final=not chunk))
            if not chunk:
                return False


def wait_until(process, deadline):
    """Wait for the end of a process; returns False when the deadline came first."""
    try:
        process.wait(None if deadline is None else max(0.1, deadline - time.monotonic()))
        return True
    except subprocess.TimeoutExpired:
        return False


def stop(process):
    """End a process that still runs: politely, then for good. A replaying QEMU ignores SIGTERM."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def save_terminal():
    """The settings of our terminal; None when the input is no terminal."""
    return termios.tcgetattr(sys.stdin) if sys.stdin.isatty() else None


def restore_terminal(settings):
    """Undo what a killed emulator could not."""
    if settings is not None:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, settings)
