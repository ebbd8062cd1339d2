"""What the tools that run a guest share: KTAP, verdicts, processes, QEMU's options, ISO images."""
