# Strata. `make help` lists what can be made; docs/01-architecture.md tells how it is built.

O             ?= build
DEBUG         ?= 1
STACK_PAGES   ?= 2
V             ?= 0
SEED          ?= 1
export O

# ---- Tools: whichever 32-bit compiler is there ---------------------------------------------

ifneq ($(words $(O)),1)
  $(error O=$(O): the name of one folder, without blanks)
endif
ifeq ($(filter $(DEBUG),0 1),)
  $(error DEBUG=$(DEBUG): 1 is the debug kernel, 0 the release kernel)
endif

ifeq ($(filter $(STACK_PAGES),1 2),)
  $(error STACK_PAGES=$(STACK_PAGES): a stack of the kernel has 1 page or 2)
endif

variant       := $(if $(filter 0,$(DEBUG)),release,debug)$(if $(filter 1,$(STACK_PAGES)),-stack1)
B             := $(O)/$(variant)
names_of       = $(if $(CROSS_COMPILE),$(CROSS_COMPILE)$(1),i686-linux-gnu-$(1) i686-elf-$(1) $(1))
find_tool      = $(firstword $(foreach tool,$(1),$(shell command -v $(tool) 2>/dev/null)))

ifeq ($(origin CC),default)
  CC          := $(call find_tool,$(call names_of,gcc))
endif
is_clang      := $(if $(CC),$(findstring clang,$(shell $(CC) --version 2>/dev/null | head -n 1)))
target_flags  := $(if $(is_clang),--target=i686-linux-gnu -mstack-alignment=4,\
                                  -m32 -mpreferred-stack-boundary=2)
LD            := $(call find_tool,$(call names_of,ld))
NM            := $(call find_tool,$(call names_of,nm))
OBJDUMP       := $(call find_tool,$(call names_of,objdump))
ADDR2LINE     := $(call find_tool,$(call names_of,addr2line))
NASM          ?= nasm
Q             := $(if $(filter 1,$(V)),,@)
say            = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2))
submake       := $(MAKE) --no-print-directory -j$(shell nproc 2>/dev/null || echo 2)

# ---- Flags ---------------------------------------------------------------------------------

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
CPPFLAGS := -iquote . -DSTRATA_DEBUG=$(DEBUG) -DSTACK_PAGES=$(STACK_PAGES)
CFLAGS   := $(target_flags) -std=gnu11 -O2 -g $(WARN) -march=i686 -mtune=generic -mregparm=3 \
            -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-common \
            -fno-asynchronous-unwind-tables -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer \
            -fno-strict-aliasing -fno-delete-null-pointer-checks -fcf-protection=none \
            -mno-mmx -mno-sse -mno-80387 -msoft-float
LDFLAGS  := -m elf_i386 -z max-page-size=4096 -z noexecstack

# Beside each object, what its functions take of the stack: see tools/stack-depth.
BESIDES  := -fstack-usage

build_by := $(CC) $(CPPFLAGS) $(CFLAGS)
assemble  = $(NASM) -f elf32 -DSTACK_PAGES=$(STACK_PAGES)

# Before the CPU is known to be more than an 80386, no instruction that is younger.
$(B)/boot/%.o: CFLAGS += -march=i386
# The fast paths call others only at their very end, and so need no frame to be found by.
$(B)/mm/phys/page_alloc.o: CFLAGS += -momit-leaf-frame-pointer

# ---- The kernel ----------------------------------------------------------------------------

sources  := $(sort $(shell find boot kernel mm drivers lib tests/self -name '*.c' -o -name '*.asm'))
compiled := $(patsubst %,$(B)/%.o,$(basename $(sources)))
early    := $(filter $(B)/boot/%,$(compiled))
objects  := $(B)/early_boot.o $(filter-out $(early),$(compiled))

all: need-build
	$(Q)$(submake) kernel

kernel: $(B)/strata.elf $(B)/stack-depth.checked

# No stack can overflow, as far as the code itself tells: see tools/stack-depth.
stack_depth := tools/stack-depth --pages $(STACK_PAGES) --objdump $(OBJDUMP) \
               --addr2line $(ADDR2LINE)

$(B)/stack-depth.checked: $(B)/strata.elf tools/stack-depth $(wildcard tools/stack_depth/*.*)
	$(call say,STACKS,$<)
	$(Q)$(stack_depth) --quiet $<
	$(Q)touch $@

stack-depth: need-build
	$(Q)$(submake) $(B)/strata.elf
	$(Q)$(stack_depth) --top 10 $(B)/strata.elf

$(B)/flags: | compiler-is-there
compiler-is-there:
	@test -n '$(CC)' && command -v $(firstword $(CC)) >/dev/null || \
	        { echo 'there is no compiler $(or $(CC),$(CROSS_COMPILE)gcc)' >&2; exit 1; }

# Linked twice: the symbol table is made of the first result, and goes into the second. It may move
# what comes after it, but the table made of the second must be the same.
link = $(LD) $(LDFLAGS) -T linker.ld -o $@ $(objects)

$(B)/strata.elf: $(objects) $(B)/symbols.o $(B)/objects linker.ld
	$(call say,LINK,$@)
	$(Q)$(link) $(B)/symbols.o
	$(Q)$(NM) -n $@ | tools/symbols | cmp - $(B)/symbols.asm || \
	        { echo '$@: symbols moved between the two links' >&2; rm -f $@; exit 1; }

$(B)/strata-without-symbols.elf: $(objects) $(B)/no-symbols.o $(B)/objects linker.ld
	$(Q)$(link) $(B)/no-symbols.o

$(B)/symbols.asm: $(B)/strata-without-symbols.elf tools/symbols
	$(call say,SYMBOLS,$@)
	$(Q)$(NM) -n $< | tools/symbols >$@

$(B)/no-symbols.asm: tools/symbols
	$(Q)mkdir -p $(@D)
	$(Q)tools/symbols </dev/null >$@

$(B)/symbols.o $(B)/no-symbols.o: %.o: %.asm
	$(Q)$(NASM) -f elf32 -o $@ $<

# What runs before paging, as one object, so that linker.ld can place it apart.
$(B)/early_boot.o: $(early)
	$(Q)$(LD) -m elf_i386 -r -z noexecstack -o $@ $^

# Change only when their text does: with the compiler or its flags everything is compiled anew, and
# when a source file comes or goes the kernel is linked anew.
$(B)/flags: text := $(build_by) $(BESIDES)
$(B)/objects: text := $(objects)
$(B)/flags $(B)/objects: always
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(text)' | cmp -s - $@ || echo '$(text)' >$@

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(BESIDES) -MMD -MP -c $< -o $@

$(B)/%.o: %.asm
	$(call say,ASM,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(assemble) -g -F dwarf -MD $(@:.o=.d) -MP -o $@ $<

-include $(compiled:.o=.d)

# ---- Running and testing -------------------------------------------------------------------

release := $(if $(filter 0,$(DEBUG)),--release) $(if $(filter 1,$(STACK_PAGES)),--stack-pages 1)

run: need-run
	$(Q)$(submake) kernel
	$(Q)tools/run-qemu $(release) --interactive

debug: need-debug
	$(Q)$(submake) kernel
	$(Q)gdb -q -x tools/gdb/strata.py $(B)/strata.elf \
	        -ex 'target remote | tools/run-qemu $(release) --gdb stdio --serial $(B)/serial.log'

iso: need-iso
	$(Q)$(submake) $(B)/strata.iso

$(B)/strata.iso: $(B)/strata.elf tools/make-iso
	$(call say,ISO,$@)
	$(Q)tools/make-iso $< $@

include tests/hosted.mk

test: need-test
	$(Q)$(submake) kernel DEBUG=1 STACK_PAGES=2
	$(Q)$(submake) kernel DEBUG=0 STACK_PAGES=2
	$(Q)$(submake) kernel DEBUG=1 STACK_PAGES=1
	$(Q)$(submake) kernel DEBUG=0 STACK_PAGES=1
	$(Q)$(submake) kernel DEBUG=1 STACK_PAGES=2 CC=clang O=$(O)/clang
	$(Q)$(submake) kernel DEBUG=0 STACK_PAGES=2 CC=clang O=$(O)/clang
	$(Q)$(submake) host-programs
	$(Q)tests/system/run --seed $(SEED) $(host_commands)

lint: need-lint
	$(Q)tools/lint

# How C is compiled, for tools/lint.
compile-command:
	@echo '$(build_by)'

# ---- What each target needs; tools/need installs it or says how -----------------------------

need-build: tools := cc32 nasm python3
need-run:   tools := cc32 nasm qemu python3
need-debug: tools := cc32 nasm qemu python3 gdb
need-iso:   tools := cc32 nasm grub
need-test need-host: tools := cc32 nasm qemu python3 grub seabios node clang gdb
need-lint:  tools := cc32 nasm python3 clang cppcheck
need-build need-run need-debug need-iso need-test need-host need-lint:
	$(Q)tools/need $(tools)

clean:
	$(Q)rm -rf $(O)

help:
	@printf '%s\n' \
	    'make              build the debug kernel, with all checks: $(O)/debug/strata.elf' \
	    'make DEBUG=0      build the release kernel beside it: $(O)/release/strata.elf' \
	    'make run          boot it in QEMU; serial line on this terminal (Ctrl-A X leaves)' \
	    'make test         all tests; the last line is the sum of them' \
	    'make test-host    only the tests that need no kernel (TEST=SUITE, SEED=n)' \
	    'make iso          an image that GRUB boots' \
	    'make debug        QEMU waits, gdb starts with the commands of tools/gdb' \
	    'make lint         style, includes, lock annotations, invariants without a test' \
	    'make stack-depth  the deepest call chains, and whether the stacks hold them' \
	    'make coverage     what the hosted tests reach of mm/ and lib/' \
	    'make fuzz         random operations against models (FUZZ_SECONDS=n for each)' \
	    'make clean        remove $(O)/' \
	    '' \
	    'O=DIR elsewhere, CC=clang, CROSS_COMPILE=PREFIX, V=1: see commands, SEED=n: for test' \
	    'STACK_PAGES=1: kernel stacks of one page, built in debug-stack1 and release-stack1'

.PHONY: always compiler-is-there all kernel stack-depth run debug iso test lint \
        compile-command clean help need-build need-run need-debug need-iso need-test need-host \
        need-lint
