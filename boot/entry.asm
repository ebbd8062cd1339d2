; entry.asm - the first instructions, and the two headers by which a boot loader knows the kernel.
;
; The loader jumps to _start with paging off, interrupts off, eax = its magic number, ebx = the
; physical address of its information. Everything else is undefined, the stack first of all.

bits 32

extern early_main
extern boot_stack_top

PAGE_OFFSET             equ 0xC0000000

MULTIBOOT1_MAGIC        equ 0x1BADB002
MULTIBOOT1_FLAGS        equ 0x00000003          ; modules page-aligned; memory map wanted
MULTIBOOT2_MAGIC        equ 0xE85250D6
MULTIBOOT2_I386         equ 0

section .multiboot align=8

        dd MULTIBOOT1_MAGIC
        dd MULTIBOOT1_FLAGS
        dd -(MULTIBOOT1_MAGIC + MULTIBOOT1_FLAGS)

align 8
multiboot2_header:
        dd MULTIBOOT2_MAGIC
        dd MULTIBOOT2_I386
        dd multiboot2_header_end - multiboot2_header
        dd -(MULTIBOOT2_MAGIC + MULTIBOOT2_I386 + (multiboot2_header_end - multiboot2_header))
        dw 6, 0                                 ; tag: modules page-aligned
        dd 8
        dw 0, 0                                 ; end tag
        dd 8
multiboot2_header_end:

section .text

global _start
_start:
        cli
        cld
        mov     esp, early_stack_top
        xor     ebp, ebp                        ; the call chain ends here
        lgdt    [early_gdt_pointer]
        jmp     0x08:.flat_code
.flat_code:
        mov     ecx, 0x10
        mov     ds, ecx
        mov     es, ecx
        mov     fs, ecx
        mov     gs, ecx
        mov     ss, ecx
        mov     edx, ebx                        ; second argument: information
        call    early_main                      ; first argument, in eax: magic

; early_enter_paging(directory pointers in eax, high_entry in edx): turn paging on with the tables
; at eax, whose low and high gigabyte are alike, and jump to edx with a fresh stack.
global early_enter_paging
early_enter_paging:
        mov     ecx, cr4
        or      ecx, (1 << 5) | (1 << 4)        ; PAE, and PSE for emulators that want it too
        mov     cr4, ecx
        mov     cr3, eax
        mov     eax, cr0
        or      eax, (1 << 31) | (1 << 16)      ; paging; read-only binds the kernel too
        and     eax, ~((1 << 30) | (1 << 29))   ; caches on
        mov     cr0, eax
        mov     esp, boot_stack_top
        xor     ebp, ebp
        push    ebp                             ; no return address
        jmp     edx

; The boot stack lies at the end of the image, where a machine may have no memory: that is to be
; found out, and said, on a stack at the image's start.
section .bss align=16

        resb 4096
early_stack_top:

section .rodata align=8

early_gdt:
        dq 0
        dq 0x00CF9A000000FFFF                   ; 0x08: code, 4 GiB from 0
        dq 0x00CF92000000FFFF                   ; 0x10: data, 4 GiB from 0
early_gdt_pointer:
        dw early_gdt_pointer - early_gdt - 1
        dd early_gdt
