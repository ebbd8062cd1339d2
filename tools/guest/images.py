"""Where the built kernels are, and the ISO image that GRUB boots one from."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from guest import commandline
from guest.front import UsageError

ROOT = Path(__file__).resolve().parents[2]
MKRESCUE_NAMES = ("grub-mkrescue", "grub2-mkrescue", "i686-elf-grub-mkrescue")
GRUB_FOLDERS = ("/usr/lib/grub/i386-pc", "/usr/lib/grub2/i386-pc")
GRUB_MODULES = "multiboot multiboot2 normal iso9660 biosdisk part_msdos all_video"


def build_folder(given):
    """The folder of build results: as given, else $O, else build/ of this repository."""
    if given:
        return Path(given).resolve()
    return ROOT / os.environ.get("O", "build")


def kernel(options):
    """The kernel image that the options name."""
    if options.kernel:
        path, command = Path(options.kernel), "make"
    else:
        path = build_folder(options.build) / variant(options) / "strata.elf"
        command = " ".join(["make"] + ["DEBUG=0"] * options.release +
                           ["STACK_PAGES=1"] * (options.stack_pages == 1))
    if not path.is_file():
        raise UsageError(f"{path} does not exist; build it with {command}")
    return path


def variant(options):
    """The name of the folder that a build of this kind goes to, as in the Makefile."""
    return ("release" if options.release else "debug") + "-stack1" * (options.stack_pages == 1)


def as_one_word(path, folder):
    """
    A path to the same file that the kernel reads as one word with a slash, which it knows for a
    file's name: QEMU puts it in front of the kernel's command line. The folder may get a link.
    """
    path = path.absolute()
    if not re.search(r'[\s"]', str(path)):
        return path
    link = Path(folder) / "strata.elf"
    link.symlink_to(path)
    return link


def modules(initrd):
    """The (path, arguments) pairs that --initrd names, in QEMU's notation; each file must exist."""
    pairs = [entry.partition(" ")[::2] for entry in (initrd or "").split(",") if entry]
    for path, _ in pairs:
        if not Path(path).is_file():
            raise UsageError(f"the module {path} does not exist")
    return pairs


def make_iso(output, image, line, loaded, protocol="multiboot"):
    """
    Write the ISO from which GRUB boots the kernel image without asking anything.

    line is the kernel's command line; loaded are the modules, (path, arguments) pairs; protocol is
    the GRUB command that loads it, multiboot or multiboot2.
    """
    with tempfile.TemporaryDirectory() as folder:
        boot = Path(folder) / "boot"
        (boot / "grub").mkdir(parents=True)
        shutil.copy(image, boot / "strata.elf")
        for number, (path, _) in enumerate(loaded):
            shutil.copy(path, boot / f"module{number}")
        (boot / "grub" / "grub.cfg").write_text(grub_config(line, loaded, protocol))
        run_mkrescue(output, folder)


def grub_config(line, loaded, protocol):
    """GRUB's configuration: one entry, started at once."""
    words = " ".join(grub_quote(word) for word in commandline.split(line))
    loads = [f"{protocol} /boot/strata.elf {words}"]
    verb = "module2" if protocol == "multiboot2" else "module"
    for number, (path, arguments) in enumerate(loaded):
        words = " ".join(grub_quote(word) for word in [str(path), *commandline.split(arguments)])
        loads.append(f"{verb} /boot/module{number} {words}")
    body = "\n".join(f"        {load}" for load in loads)
    return f"set timeout=0\nmenuentry Strata {{\n{body}\n}}\n"


def grub_quote(word):
    """Single quotes keep a word together in GRUB, whatever else is in it."""
    return "'" + word.replace("'", "'\\''") + "'"


def find_mkrescue():
    """GRUB's program that makes rescue images; systems name it differently."""
    found = next(filter(None, map(shutil.which, MKRESCUE_NAMES)), None)
    if found is None:
        raise UsageError("grub-mkrescue is missing; 'tools/need grub' installs it")
    return found


def run_mkrescue(output, folder):
    """Let GRUB pack the folder; only what a PC's BIOS needs goes in."""
    command = [find_mkrescue(), "-o", str(output), f"--install-modules={GRUB_MODULES}",
               "--locales=", "--fonts=", "--themes="]
    for grub in filter(os.path.isdir, GRUB_FOLDERS):
        command += ["-d", grub]
    done = subprocess.run(command + [folder], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise UsageError(f"{command[0]} failed:\n{done.stdout}")
