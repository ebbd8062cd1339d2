# Strata. `make help` lists what can be made; docs/01-architecture.md tells how it is built.

O             ?= build
DEBUG         ?= 1
V             ?= 0
STACK_PAGES   ?= 2

# ---- Tools: whichever 32-bit compiler is there ---------------------------------------------

variant       := $(if $(filter 0,$(DEBUG)),release,debug)
B             := $(O)/$(variant)

ifeq ($(origin CC),default)
  CC := $(firstword $(foreach c,$(CROSS_COMPILE)gcc i686-linux-gnu-gcc i686-elf-gcc gcc,$(shell command -v $c)))
endif
is_clang      := $(findstring clang,$(shell $(CC) --version 2>/dev/null | head -n 1))
target_flags  := $(if $(is_clang),--target=i686-linux-gnu,-m32)
LD            := $(firstword $(foreach l,$(CROSS_COMPILE)ld i686-linux-gnu-ld i686-elf-ld ld,$(shell command -v $l)))
NM            := $(firstword $(foreach n,$(CROSS_COMPILE)nm i686-linux-gnu-nm i686-elf-nm nm,$(shell command -v $n)))
NASM          ?= nasm
Q             := $(if $(filter 1,$(V)),,@)
say            = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2))

# ---- Flags ---------------------------------------------------------------------------------

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
CPPFLAGS := -iquote . -DSTRATA_DEBUG=$(DEBUG)
CFLAGS   := $(target_flags) -std=gnu11 -O2 -g $(WARN) -march=i686 -mtune=generic -mregparm=3 -ffreestanding \
            -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables \
            -fno-omit-frame-pointer -fno-strict-aliasing -fno-delete-null-pointer-checks \
            -fno-common -fcf-protection=none -mno-mmx -mno-sse -mno-80387 -msoft-float
$(B)/boot/%.o: CFLAGS += -march=i386
$(B)/mm/phys/page_alloc.o: CFLAGS += -momit-leaf-frame-pointer

# ---- The kernel ----------------------------------------------------------------------------

sources  := $(sort $(shell find boot kernel mm drivers lib $(wildcard tests/self) -name '*.c' -o -name '*.asm'))
compiled := $(patsubst %,$(B)/%.o,$(basename $(sources)))
early    := $(filter $(B)/boot/%,$(compiled))
objects  := $(B)/early_boot.o $(filter-out $(early),$(compiled))

all: $(B)/strata.elf

# Linked twice: the symbol table is made of the first result, and goes into the second. It may move
# what comes after it, but the table made of the second must be the same.
link = $(LD) -m elf_i386 -T linker.ld -z max-page-size=4096 -z noexecstack -o $@ $(objects)

$(B)/strata.elf: $(objects) $(B)/symbols.o linker.ld
	$(call say,LINK,$@)
	$(Q)$(link) $(B)/symbols.o
	$(Q)$(NM) -n $@ | tools/symbols | cmp - $(B)/symbols.asm || \
	        { echo '$@: symbols moved between the two links' >&2; rm -f $@; exit 1; }

$(B)/strata-without-symbols.elf: $(objects) $(B)/no-symbols.o linker.ld
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

$(B)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(B)/%.o: %.asm Makefile
	$(call say,ASM,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 -g -F dwarf -MD $(@:.o=.d) -MP -o $@ $<

clean:
	$(Q)rm -rf $(O)

-include $(compiled:.o=.d)
.PHONY: all clean
