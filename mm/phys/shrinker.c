/*
 * shrinker.c - the list of shrinkers, asked in the order of their registration.
 *
 * Locking     is_shrinking says that the list is in use: a request from within a shrinker does
 *             not start over, and the list does not change meanwhile. One task runs at a time.
 */
#include "mm/phys/shrinker.h"

#include "lib/assert.h"

static LIST_HEAD(shrinkers);
static bool is_shrinking;

void register_shrinker(struct shrinker *shrinker)
{
        BUG_ON(is_shrinking, "shrinker %s registered from within a shrinker", shrinker->name);
        list_add_tail(&shrinker->list, &shrinkers);
}

void unregister_shrinker(struct shrinker *shrinker)
{
        BUG_ON(is_shrinking, "shrinker %s removed from within a shrinker", shrinker->name);
        list_del(&shrinker->list);
}

unsigned long shrink_all(unsigned long wanted_count, gfp_t gfp_mask)
{
        unsigned long freed_count = 0;
        struct shrinker *shrinker;

        if (is_shrinking)
                return 0;
        is_shrinking = true;
        list_for_each_entry(shrinker, &shrinkers, list) {
                if (freed_count >= wanted_count)
                        break;
                freed_count += shrinker->shrink(shrinker, wanted_count - freed_count, gfp_mask);
        }
        is_shrinking = false;
        return freed_count;
}
