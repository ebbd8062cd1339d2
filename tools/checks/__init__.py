"""What tools/lint checks: a module for each check, with check(tree), which yields findings."""
