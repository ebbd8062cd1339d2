; boot_stack.asm - the stack on which the kernel boots.

section .bss align=4096

        resb 8192
global boot_stack_top
boot_stack_top:
