; trampoline.asm - the first instructions of every CPU but the first.
;
; A CPU begins in real mode, at the start of a page of the first MiB: kernel/smp_start.c has copied
; what lies between trampoline_start and trampoline_end to such a page, and filled in the
; parameters at its end (struct trampoline_parameters). Nothing here relies on where that page is:
; ebp has its address.
;
; The way up: real mode -> protected mode, flat -> PAE paging with the tables that the boot CPU
; began with, which map this page where it is -> the kernel's code in the upper gigabyte -> the
; kernel's own tables -> a stack -> C.
;
; A CPU that lacks what the kernel's page tables need, or that nobody knows, stops here.

KERNEL_CODE             equ 0x08
KERNEL_DATA             equ 0x10

CR0_PROTECTION          equ 1 << 0
CR0_WRITE_PROTECT       equ 1 << 16
CR0_CACHE_OFF           equ (1 << 30) | (1 << 29)
CR0_PAGING              equ 1 << 31
CR4_PAE_AND_PSE         equ (1 << 5) | (1 << 4)
LEAF1_PAE               equ 6
EXTENDED1_NO_EXECUTE    equ 20
MSR_EXTENDED_FEATURES   equ 0xC0000080
ENABLE_NO_EXECUTE       equ 1 << 11

; Where something of the copy is, seen from its page.
%define place(label) (label - trampoline_start)

section .rodata align=16

global trampoline_start
global trampoline_end
global trampoline_parameters

bits 16
trampoline_start:
        cli
        cld
        mov     ax, cs
        mov     ds, ax
        xor     ebp, ebp
        mov     bp, ax
        shl     ebp, 4
        o32 lgdt [place(gdt_pointer)]
        mov     eax, cr0
        or      al, CR0_PROTECTION
        mov     cr0, eax
        o32 jmp far [place(protected_target)]

bits 32
protected:
        mov     eax, KERNEL_DATA
        mov     ds, eax
        mov     es, eax
        mov     fs, eax
        mov     gs, eax
        mov     ss, eax

        mov     eax, 1
        cpuid
        mov     edi, ebx
        shr     edi, 24                         ; this CPU's APIC id, to the end
        bt      edx, LEAF1_PAE
        jnc     .unfit
        cmp     dword [ebp + place(wants_no_execute)], 0
        je      .paging
        mov     eax, 0x80000000
        cpuid
        cmp     eax, 0x80000001
        jb      .unfit
        mov     eax, 0x80000001
        cpuid
        bt      edx, EXTENDED1_NO_EXECUTE
        jnc     .unfit
        mov     ecx, MSR_EXTENDED_FEATURES      ; before any table is read that has the bit
        rdmsr
        or      eax, ENABLE_NO_EXECUTE
        wrmsr

.paging:
        mov     eax, cr4
        or      eax, CR4_PAE_AND_PSE
        mov     cr4, eax
        mov     eax, [ebp + place(boot_tables)]
        mov     cr3, eax
        mov     eax, cr0
        or      eax, CR0_PAGING | CR0_WRITE_PROTECT
        and     eax, ~CR0_CACHE_OFF
        mov     cr0, eax
        jmp     dword [ebp + place(upper_target)]

.unfit:
        inc     edi
        mov     [ebp + place(unfit)], edi
.stop:
        cli
        hlt
        jmp     .stop

align 8
gdt:
        dq 0
        dq 0x00CF9A000000FFFF                   ; KERNEL_CODE: 4 GiB from 0
        dq 0x00CF92000000FFFF                   ; KERNEL_DATA: 4 GiB from 0

; The layout is that of struct trampoline_parameters.
align 8
trampoline_parameters:
wants_no_execute:       dd 0                    ; the kernel's tables have the bit
unfit:                  dd 0                    ; the APIC id of a CPU that cannot go on, plus 1
boot_tables:            dd 0
upper_target:           dd trampoline_upper
protected_target:       dd place(protected)     ; plus the address of the page
                        dw KERNEL_CODE
gdt_pointer:            dw trampoline_parameters - gdt - 1
gdt_address:            dd place(gdt)           ; plus the address of the page
trampoline_end:

section .text

extern smp_start_tables
extern smp_start_count
extern smp_start_apic_ids
extern smp_start_stacks
extern smp_start_main

; In the upper gigabyte. The table of APIC ids tells which stack is this CPU's: one that comes late,
; when others are being started, never runs on a stack of theirs.
trampoline_upper:
        mov     eax, [smp_start_tables]
        mov     cr3, eax
        xor     eax, eax
.search:
        cmp     eax, [smp_start_count]
        jae     .stranger
        cmp     [smp_start_apic_ids + eax * 4], edi
        je      .found
        inc     eax
        jmp     .search
.found:
        mov     esp, [smp_start_stacks + eax * 4]
        test    esp, esp
        jz      .stranger
        xor     ebp, ebp                        ; the call chain ends here
        push    ebp
        push    ebp
        jmp     smp_start_main                  ; argument, in eax: the CPU's number
.stranger:
        cli
        hlt
        jmp     .stranger
