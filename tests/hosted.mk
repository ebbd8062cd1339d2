# hosted.mk - the tests that run on the build machine.

host_commands :=

host-programs:

.PHONY: host-programs
