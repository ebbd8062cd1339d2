/* 64-bit division against that of the build machine's compiler. */
#include "tests/host/expect_panic.h"
#include "tests/host/rename_libc.h"

#include "lib/div64.h"
#include "lib/random.h"
#include "lib/test.h"

/* A number of random length, often next to a power of two or with a full half. */
static u64 draw_number(struct random *random)
{
        u64 number = random_next(random) >> random_below(random, 64);
        u64 power = 1ull << random_below(random, 64);

        switch (random_below(random, 7)) {
        case 0:
                return ~number;
        case 1:
                return -number;
        case 2:
                return power;
        case 3:
                return power - 1;
        case 4:
                return (number & ~0xffffffffull) | (0xffffffffu - random_below(random, 3));
        case 5:
                return random_below(random, 4);
        default:
                return number;
        }
}

TEST(lib_div64, unsigned_agrees_with_the_compiler)
{
        struct random random;

        random_seed(&random, test->seed);
        for (int i = 0; i < 500000; i++) {
                u64 dividend = draw_number(&random);
                u64 divisor = draw_number(&random);
                u64 remainder;
                if (!divisor)
                        continue;
                u64 quotient = __udivmoddi4(dividend, divisor, &remainder);
                if (quotient == dividend / divisor && remainder == dividend % divisor &&
                    quotient == __udivdi3(dividend, divisor) &&
                    remainder == __umoddi3(dividend, divisor))
                        continue;
                test_fail(test, __FILE__, __LINE__, "%#llx / %#llx", (unsigned long long)dividend,
                          (unsigned long long)divisor);
        }
}

TEST(lib_div64, signed_agrees_with_the_compiler)
{
        struct random random;

        random_seed(&random, test->seed);
        for (int i = 0; i < 500000; i++) {
                s64 dividend = (s64)draw_number(&random);
                s64 divisor = (s64)draw_number(&random);
                s64 remainder;
                if (divisor == 0 || divisor == -1)
                        continue;
                s64 quotient = __divmoddi4(dividend, divisor, &remainder);
                if (quotient == dividend / divisor && remainder == dividend % divisor &&
                    quotient == __divdi3(dividend, divisor) &&
                    remainder == __moddi3(dividend, divisor))
                        continue;
                test_fail(test, __FILE__, __LINE__, "%lld / %lld", (long long)dividend,
                          (long long)divisor);
        }
}

TEST(lib_div64, extremes)
{
        EXPECT_EQ(__udivdi3(UINT64_MAX, 1), UINT64_MAX);
        EXPECT_EQ(__udivdi3(UINT64_MAX, UINT64_MAX), 1);
        EXPECT_EQ(__udivdi3(UINT64_MAX - 1, UINT64_MAX), 0);
        EXPECT_EQ(__umoddi3(UINT64_MAX, 0x80000000ull), 0x7fffffff);
        EXPECT_EQ(__divdi3(INT64_MIN, -1), INT64_MIN);
        EXPECT_EQ(__moddi3(INT64_MIN, -1), 0);
        EXPECT_EQ(__divdi3(7, -1), -7);
}

TEST(lib_div64, division_by_zero_panics)
{
        EXPECT_PANIC(__udivdi3(5, 0), "divisor == 0");
        EXPECT_PANIC(__moddi3(-5, 0), "dividend=0x5");
}
