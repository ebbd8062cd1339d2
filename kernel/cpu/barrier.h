#pragma once
static inline void smp_mb(void) { __asm__ volatile("lock; addl $0, (%%esp)" : : : "memory", "cc"); }
