; boot_stack.asm - the stack on which the kernel boots.

section .bss align=4096

global boot_stack_bottom
boot_stack_bottom:
        resb 8192
global boot_stack_top
boot_stack_top:
