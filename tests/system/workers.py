"""Running tasks: several at a time, each within its time, none left behind."""

import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from model import ROOT, Outcome, examine

# A program that runs a guest keeps the time itself; this much later we end it from outside.
GRACE_SECONDS = 30


class Workers:
    """Runs tasks in parallel; cancel() ends them all."""

    def __init__(self, jobs):
        self._jobs = jobs
        self._lock = threading.Lock()
        self._running = set()       # guarded by _lock
        self._cancelled = False     # guarded by _lock

    def run(self, tasks):
        """Run the tasks and yield each outcome as it is there."""
        with ThreadPoolExecutor(self._jobs) as pool:
            futures = [pool.submit(self._run_task, task) for task in tasks]
            try:
                for future in as_completed(futures):
                    yield future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self.cancel()
                raise

    def cancel(self):
        """End what runs, and let nothing more start."""
        with self._lock:
            self._cancelled = True
            running = list(self._running)
        for process in running:
            signal_group(process, signal.SIGTERM)

    def _run_task(self, task):
        """Run one task to its end and examine it."""
        start = time.monotonic()
        process = self._start(task)
        try:
            output, errors, timed_out = collect(process, task.timeout + GRACE_SECONDS)
        finally:
            with self._lock:
                self._running.discard(process)
        seconds = time.monotonic() - start
        results = examine(task, process.returncode, timed_out, output)
        return Outcome(task, seconds, output + errors, results)

    def _start(self, task):
        """Start a task in a process group of its own, so that it can be ended as a whole."""
        with self._lock:
            if self._cancelled:
                raise InterruptedError
            process = subprocess.Popen(task.command, cwd=ROOT, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       start_new_session=True)
            self._running.add(process)
        return process


def collect(process, timeout):
    """
    Both outputs of a process until it ends, and whether it ran out of time. They are kept apart: a
    word of the emulator must not land in the middle of a line of the guest.
    """
    timed_out = False
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        signal_group(process, signal.SIGKILL)
        output, errors = process.communicate()
    return plain(output), plain(errors), timed_out


def plain(data):
    """Text with plain line ends, whatever the bytes."""
    return data.decode(errors="replace").replace("\r\n", "\n")


def signal_group(process, number):
    """Send a signal to a process and all that it started."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass
