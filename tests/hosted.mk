# Hosted tests: mm/ and lib/ compiled for the build machine, with tests/host in place of the CPU.
#
#   make test-host   build and run the unit tests: 64-bit, release, and 32-bit where possible
#   make coverage    run them counted; HTML and a summary in $(O)/coverage; fails below the limits
#   make fuzz        run each libFuzzer target of tests/fuzz for FUZZ_SECONDS
#
# SEED=N is the seed of the first two, TEST=SUITE,SUITE.TEST selects. `make test` builds
# host-programs and hands $(host_commands) to tests/system/run.

HOST_CC      ?= gcc
FUZZ_CC      ?= clang
FUZZ_SECONDS ?= 10
COVERAGE_LINES    ?= 95
COVERAGE_BRANCHES ?= 85

H := $(O)/host

# ---- What is compiled ----------------------------------------------------------------------

hosted_code  := $(sort $(wildcard lib/*.c tests/host/*.c tests/unit/*.c tests/fuzz/*.c) \
                       $(shell find mm -name '*.c') $(wildcard kernel/sync/*.c) \
                       kernel/cpu/tlb_batch.c kernel/cpu/softirq.c \
                       $(wildcard kernel/monitor/line_*.c) \
                       $(filter-out %/sleep.c,$(wildcard kernel/time/*.c)) \
                       $(filter-out %/firmware_memory.c,$(wildcard drivers/firmware/*.c)))
fuzz_targets := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_code    := $(filter-out tests/unit/% tests/fuzz/test_% tests/host/main.c,$(hosted_code))

hosted_flags := -std=gnu11 -g -pthread $(WARN) -fno-strict-aliasing -fno-omit-frame-pointer \
                -D_FILE_OFFSET_BITS=64 -iquote tests/host -iquote .
sanitizers   := -fsanitize=address,undefined -fno-sanitize-recover=all

# Each way to build them, in a folder of its own: its compiler and its flags.
compiler_64       = $(HOST_CC)
flags_64         := -O1 -DSTRATA_DEBUG=1 $(sanitizers)
compiler_32       = $(HOST_CC) -m32
flags_32         := $(flags_64)
compiler_release  = $(HOST_CC)
flags_release    := -O2 -DSTRATA_DEBUG=0 $(sanitizers)
compiler_coverage = $(HOST_CC)
flags_coverage   := -O0 -DSTRATA_DEBUG=1 --coverage -fprofile-abs-path
# A test's process writes its counts itself, by functions that nothing else would link.
link_flags_coverage := -Wl,-u,__gcov_dump,-u,__gcov_reset
compiler_fuzz     = $(FUZZ_CC)
flags_fuzz       := -O1 -DSTRATA_DEBUG=1 $(sanitizers) -fsanitize=fuzzer-no-link

# ---- How ----------------------------------------------------------------------------------

# $(call hosted_rules,NAME,SOURCES): the rules of one way to build.
define hosted_rules
objects_$(1) := $$(patsubst %.c,$(H)/$(1)/%.o,$(2))

$(H)/$(1)/%.o: %.c tests/hosted.mk
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(compiler_$(1)) $(hosted_flags) $$(flags_$(1)) $$(extra_flags) -MMD -MP -c $$< -o $$@

$(H)/$(1)/lib/%.o: extra_flags := -include tests/host/rename_libc.h -fno-builtin

$(H)/$(1)/unit: $$(objects_$(1))
	$$(call say,LINK,$$@)
	$$(Q)$$(compiler_$(1)) $$(flags_$(1)) $$(link_flags_$(1)) -rdynamic -pthread -o $$@ $$^

-include $$(objects_$(1):.o=.d)
endef

unit_code := $(filter-out tests/fuzz/libfuzzer%,$(hosted_code))

$(foreach way,64 32 release coverage,$(eval $(call hosted_rules,$(way),$(unit_code))))
$(eval $(call hosted_rules,fuzz,$(fuzz_code)))

# ---- Running ---------------------------------------------------------------------------------

# Asked only where the answer is needed.
host_goals  := $(filter test test-host host-programs,$(MAKECMDGOALS))
host_has_32 := $(if $(host_goals),$(shell echo 'int main(void) { return 0; }' | \
                 $(HOST_CC) -m32 $(sanitizers) -x c -o /dev/null - 2>/dev/null && echo yes))
host_ways   := 64 release $(if $(host_has_32),32)

host_programs := $(host_ways:%=$(H)/%/unit)
host_commands := $(foreach way,$(host_ways),--command 'hosted.$(way)=$(H)/$(way)/unit seed={seed}')

host-programs: $(host_programs)

test-host: host-programs
	$(if $(host_has_32),,@echo 'no 32-bit C library here: the 32-bit unit tests are left out')
	$(Q)for program in $(host_programs); do $$program $(unit_arguments) || failed=1; done; \
	        test -z "$$failed"

unit_arguments = seed=$(SEED) $(if $(TEST),test=$(TEST))

coverage: need-coverage $(H)/coverage/unit
	$(Q)find $(H)/coverage -name '*.gcda' -delete
	$(Q)$(H)/coverage/unit $(unit_arguments) >$(H)/coverage/unit.ktap || \
	        { cat $(H)/coverage/unit.ktap; exit 1; }
	$(Q)mkdir -p $(O)/coverage
	$(Q)gcovr --root . --filter 'mm/' --filter 'lib/' --filter 'drivers/' \
	        --object-directory $(H)/coverage \
	        --exclude-unreachable-branches --exclude-throw-branches \
	        --html-details $(O)/coverage/index.html \
	        --txt $(O)/coverage/summary.txt --print-summary \
	        --fail-under-line $(COVERAGE_LINES) --fail-under-branch $(COVERAGE_BRANCHES) \
	        $(H)/coverage

# The linker decides which target a program runs.
$(fuzz_targets:%=$(H)/fuzz/%): $(H)/fuzz/%: $(objects_fuzz)
	$(call say,LINK,$@)
	$(Q)$(FUZZ_CC) $(flags_fuzz) -fsanitize=fuzzer -Wl,--defsym,fuzz_target=$* \
	        -rdynamic -pthread -o $@ $^

fuzz: need-fuzz $(fuzz_targets:%=$(H)/fuzz/%)
	$(Q)for program in $(fuzz_targets:%=$(H)/fuzz/%); do \
	        mkdir -p $$program.corpus; \
	        $$program -max_total_time=$(FUZZ_SECONDS) -timeout=20 -print_final_stats=1 \
	                -artifact_prefix=$$program. $$program.corpus || exit 1; \
	done

need-coverage: tools := gcc gcovr
need-fuzz:     tools := fuzzer
need-coverage need-fuzz:
	$(Q)tools/need $(tools)

.PHONY: host-programs test-host coverage fuzz need-coverage need-fuzz
