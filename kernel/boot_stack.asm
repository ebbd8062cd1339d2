; boot_stack.asm - the stack on which the kernel boots. STACK_PAGES comes from the Makefile.

section .bss align=4096

global boot_stack_guard
boot_stack_guard:
        resb 4096                               ; never mapped: see memory_setup.c
global boot_stack_bottom
boot_stack_bottom:
        resb STACK_PAGES * 4096
global boot_stack_top
boot_stack_top:
