; trap_entry.asm - from a gate of the IDT to trap_dispatch() in C, and back.
;
; Every vector has a stub that makes the stack look alike whether or not the CPU pushed an error
; code. The rest is common: save all registers as struct trap_frame has them, pass its address.

bits 32

extern trap_dispatch

KERNEL_DATA             equ 0x10
PER_CPU                 equ 0x50                ; GDT_PER_CPU in gdt.h
STUB_BYTES              equ 16                  ; TRAP_STUB_BYTES in trap.h
FRAME_EIP               equ 56                  ; offsetof(struct trap_frame, eip)

; Bit n is set when the CPU pushes an error code for exception n: 8, 10 to 14, 17, 21, 29, 30.
HAS_ERROR_CODE          equ 0x60227D00

section .text

global trap_stubs
align STUB_BYTES
trap_stubs:
%assign vector 0
%rep 256
        align STUB_BYTES
  %if vector >= 32 || ((HAS_ERROR_CODE >> vector) & 1) == 0
        push    dword 0
  %endif
        push    dword vector
        jmp     near trap_common
  %assign vector vector + 1
%endrep

; The two words that become a frame of the call chain make it lead through the interrupted
; function: its eip stands where a return address would.
align 16
trap_common:
        pusha
        push    ds
        push    es
        push    fs
        push    gs
        cld
        mov     eax, KERNEL_DATA
        mov     ds, eax
        mov     es, eax
        mov     eax, PER_CPU
        mov     fs, eax
        mov     eax, esp                        ; argument: the struct trap_frame
        push    dword [esp + FRAME_EIP]
        push    ebp
        mov     ebp, esp
        call    trap_dispatch
global trap_return
trap_return:
        add     esp, 8
        pop     gs
        pop     fs
        pop     es
        pop     ds
        popa
        add     esp, 8                          ; vector and error code
        iret
