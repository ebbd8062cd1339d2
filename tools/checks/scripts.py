"""Shell scripts and Python programs can be parsed."""

import ast
import subprocess

from checks.tree import Finding


def check(tree):
    """Parse every script, by its suffix or by its first line."""
    for path in tree.files:
        first = tree.text(path).partition("\n")[0]
        if path.endswith(".py") or first.startswith("#!") and "python" in first:
            yield from check_python(tree, path)
        elif path.endswith(".sh") or first.startswith("#!") and first.endswith("sh"):
            yield from check_shell(tree, path)


def check_python(tree, path):
    """Let Python compile it, which writes nothing."""
    try:
        compile(tree.text(path), path, "exec", ast.PyCF_ONLY_AST)
    except SyntaxError as error:
        yield Finding(path, error.lineno or 0, error.msg)


def check_shell(tree, path):
    """Let the shell read it without running it."""
    done = subprocess.run(["sh", "-n", path], cwd=tree.root, stderr=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode:
        yield Finding(path, 0, done.stderr.strip())
