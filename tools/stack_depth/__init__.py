"""The parts of tools/stack-depth, which says how they work together."""
