; switch.asm - from the stack of one task to that of another.
;
; A task that does not run has its callee-saved registers on its stack and the address of the last
; in task->stack_pointer. All else the C compiler has saved already, as around any call.

bits 32

extern task_begin

section .text

; struct task_struct *switch_stacks(struct task_struct *previous in eax, struct task_struct *next
; in edx): returns on the stack of next, with previous still in eax.
global switch_stacks
align 16
switch_stacks:
        push    ebp
        push    ebx
        push    esi
        push    edi
        mov     [eax], esp                      ; task->stack_pointer
        mov     esp, [edx]
        pop     edi
        pop     esi
        pop     ebx
        pop     ebp
        ret

; Where a new task first comes out of switch_stacks(), previous in eax: its call chain ends here.
global task_entry
align 16
task_entry:
        xor     ebp, ebp
        push    ebp
        jmp     task_begin
