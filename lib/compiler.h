/* compiler.h - names for what GCC and clang both offer beyond the C standard. */
#pragma once

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

#define __packed __attribute__((packed))
#define __aligned(bytes) __attribute__((aligned(bytes)))
#define __section(name) __attribute__((section(name)))
#define __used __attribute__((used))
#define __unused __attribute__((unused))
#define __noinline __attribute__((noinline))

/* The C library of the build machine has one of its own. */
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

#define __noreturn __attribute__((noreturn))
#define __cold __attribute__((cold))
#define __printf(string_index, first_index) \
        __attribute__((format(printf, string_index, first_index)))
#define __must_check __attribute__((warn_unused_result))

/* The compiler may not move memory accesses across this line. The CPU may: see kernel/cpu. */
#define barrier() __asm__ volatile("" ::: "memory")

/* One access, neither torn, repeated nor left out, to a variable that another context changes. */
#define READ_ONCE(variable) (*(const volatile __typeof__(variable) *)&(variable))
#define WRITE_ONCE(variable, value) (*(volatile __typeof__(variable) *)&(variable) = (value))

/* The structure that holds the member that pointer points to. */
#define container_of(pointer, type, member) \
        ((type *)((char *)(pointer) - offsetof(type, member)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define STRINGIFY_TOKEN(token) #token
#define STRINGIFY(macro) STRINGIFY_TOKEN(macro)

/* The address that the current function returns to. */
#define RETURN_ADDRESS() ((unsigned long)__builtin_return_address(0))
