"""
v86: a second machine, independent of QEMU, that runs under node.

Its npm package is installed below the build folder when it is first needed, at the version that
tools/v86/package-lock.json names; the BIOS images are those of SeaBIOS, which come with QEMU.
"""

import fcntl
import filecmp
import json
import shutil
import subprocess
from pathlib import Path

from guest.front import UsageError
from guest.images import ROOT, build_folder
from guest.verdict import Ending

HERE = ROOT / "tools" / "v86"
LOCK_FILE = "package-lock.json"
BIOS_FOLDERS = ("/usr/share/seabios", "/usr/share/qemu", "/usr/share/seavgabios",
                "/usr/local/share/qemu", "/opt/homebrew/share/qemu")
LARGEST_MEMORY_BYTES = (2 << 30) - (1 << 20)
STATUS_RESET, STATUS_CPU_GAVE_UP = 10, 12


def find_bios(name):
    """The path of a BIOS image."""
    for folder in BIOS_FOLDERS:
        path = Path(folder) / name
        if path.is_file():
            return path
    raise UsageError(f"{name} is missing; 'tools/need seabios' installs it")


def install(build):
    """Make sure that the npm package is there; returns its folder. Safe to be run in parallel."""
    folder = build_folder(build) / "v86"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "install.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed(folder):
            run_npm(folder)
    return folder / "node_modules" / "v86"


def is_installed(folder):
    """Whether the version that is there is the one asked for; the stamp is written last."""
    stamp = folder / "installed.json"
    return stamp.is_file() and filecmp.cmp(stamp, HERE / LOCK_FILE, shallow=False)


def run_npm(folder):
    """Install what the lock file names, and nothing else."""
    if not shutil.which("npm") or not shutil.which("node"):
        raise UsageError("node or npm is missing; 'tools/need node' installs them")
    for name in ("package.json", LOCK_FILE):
        shutil.copy(HERE / name, folder)
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise UsageError(f"npm could not install v86:\n{done.stdout}")
    shutil.copy(HERE / LOCK_FILE, folder / "installed.json")


def command_line(options, kernel, line, package):
    """The command that runs the machine."""
    if options.memory > LARGEST_MEMORY_BYTES:
        raise UsageError("v86 has at most 2047M of memory")
    if options.initrd and not Path(options.initrd).is_file():
        raise UsageError(f"the module {options.initrd} does not exist")
    settings = {
        "package": str(package),
        "bios": str(find_bios("bios.bin")),
        "vgaBios": str(find_bios("vgabios-stdvga.bin")),
        "kernel": str(kernel),
        "initrd": options.initrd or "",
        "commandLine": line,
        "memoryBytes": options.memory,
        "acpi": options.acpi,
    }
    return ["node", str(HERE / "machine.mjs"), json.dumps(settings)]


def read_ending(status, timed_out):
    """How the machine ended, from the exit status of machine.mjs."""
    if timed_out:
        return Ending(timed_out=True)
    if status == STATUS_RESET:
        return Ending(reset=True)
    if status == STATUS_CPU_GAVE_UP:
        return Ending(triple_fault=True)
    if status > 1 and status % 2:
        return Ending(said=status >> 1)
    return Ending(emulator_error=f"v86 ended with status {status}")
