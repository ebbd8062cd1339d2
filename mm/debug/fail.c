/*
 * fail.c - counting requests and drawing lots.
 *
 * Locking     None: counts that race lose a step, which injection can bear.
 */
#include "mm/fail.h"

#include "lib/compiler.h"
#include "lib/parse.h"
#include "lib/random.h"

struct fail_attributes fail_page_alloc_attributes;

static struct random fail_random;

/* Read up to three numbers divided by commas. Returns how many; 0 when text is anything else. */
static unsigned int parse_numbers(const char *text, u64 numbers[3])
{
        for (unsigned int count = 0; count < 3; count++) {
                if (!parse_u64(text, &text, 10, &numbers[count]) || numbers[count] > UINT32_MAX)
                        return 0;
                if (!*text)
                        return count + 1;
                if (*text++ != ',')
                        return 0;
        }
        return 0;
}

bool fail_page_alloc_setup(const char *text, u64 seed)
{
        u64 numbers[3] = { 0, 1, 0 };

        if (!parse_numbers(text, numbers) || numbers[0] > 100 || numbers[1] == 0)
                return false;
        random_seed(&fail_random, seed);
        fail_page_alloc_attributes = (struct fail_attributes){
                .probability_percent = (unsigned int)numbers[0],
                .interval = (unsigned int)numbers[1],
                .after_count = (unsigned long)numbers[2],
        };
        return true;
}

bool fail_page_alloc(gfp_t gfp_mask, unsigned int order __unused)
{
        struct fail_attributes *attributes = &fail_page_alloc_attributes;

        if (likely(!attributes->probability_percent) || (gfp_mask & __GFP_NOFAIL))
                return false;

        unsigned long number = attributes->request_count++;
        if (number < attributes->after_count ||
            (number - attributes->after_count) % attributes->interval ||
            random_below(&fail_random, 100) >= attributes->probability_percent)
                return false;
        attributes->failed_count++;
        return true;
}
