/* Bits, powers of two and rounding; the list, which is one header as well. */
#include "lib/bits.h"
#include "lib/list.h"
#include "lib/test.h"

TEST(lib_bits, lowest_and_highest_of_each_pair)
{
        for (unsigned int low = 0; low < 32; low++) {
                for (unsigned int high = low; high < 32; high++) {
                        EXPECT_EQ(lowest_bit(BIT(low) | BIT(high)), low);
                        EXPECT_EQ(highest_bit(BIT(low) | BIT(high)), high);
                        EXPECT_EQ(is_power_of_two(BIT(low) | BIT(high)), low == high);
                }
        }
        EXPECT(!is_power_of_two(0));
        EXPECT(is_power_of_two(1ull << 63));
}

TEST(lib_bits, rounding_keeps_64_bits)
{
        u64 address = 0xfffff0001ull;

        EXPECT_EQ(ROUND_DOWN(address, 4096u), 0xfffff0000ull);
        EXPECT_EQ(ROUND_UP(address, 4096u), 0xfffff1000ull);
        EXPECT_EQ(ROUND_UP(0xfffff0000ull, 4096u), 0xfffff0000ull);
        EXPECT(IS_ALIGNED(ROUND_UP(address, 1u << 21), 1u << 21));
        EXPECT(!IS_ALIGNED(address, 2u));
        EXPECT_EQ(DIV_ROUND_UP(4097, 4096), 2);
        EXPECT_EQ(DIV_ROUND_UP(4096, 4096), 1);
}

TEST(lib_bits, min_and_max_evaluate_once)
{
        int calls = 0;

        EXPECT_EQ(min(++calls, 5), 1);
        EXPECT_EQ(max(5, ++calls), 5);
        EXPECT_EQ(calls, 2);
}

struct item {
        int number;
        struct list_head link;
};

/* The numbers on the list as decimal digits, read forwards. */
static int list_digits(struct list_head *list)
{
        struct item *item;
        int digits = 0;

        list_for_each_entry(item, list, link)
                digits = digits * 10 + item->number;
        return digits;
}

TEST(lib_list, adds_at_both_ends_and_removes)
{
        struct item items[4];
        LIST_HEAD(list);

        EXPECT(list_empty(&list));
        for (int i = 0; i < 4; i++)
                items[i].number = i + 1;
        list_add(&items[0].link, &list);
        list_add(&items[1].link, &list);
        list_add_tail(&items[2].link, &list);
        list_add_tail(&items[3].link, &list);
        EXPECT_EQ(list_digits(&list), 2134);
        EXPECT(list_first_entry(&list, struct item, link) == &items[1]);
        EXPECT(list_last_entry(&list, struct item, link) == &items[3]);
        list_del(&items[0].link);
        EXPECT_EQ(list_digits(&list), 234);
        EXPECT(items[0].link.next == LIST_POISON_NEXT);
        list_del_init(&items[3].link);
        EXPECT(list_empty(&items[3].link));
        EXPECT_EQ(list_digits(&list), 23);
}

TEST(lib_list, safe_walk_survives_removal)
{
        struct item items[5];
        struct item *item;
        struct item *following;
        LIST_HEAD(list);

        for (int i = 0; i < 5; i++) {
                items[i].number = i + 1;
                list_add_tail(&items[i].link, &list);
        }
        list_for_each_entry_safe(item, following, &list, link)
                if (item->number % 2)
                        list_del(&item->link);
        EXPECT_EQ(list_digits(&list), 24);
        list_for_each_entry_safe(item, following, &list, link)
                list_del(&item->link);
        EXPECT(list_empty(&list));
}
