/* test_account.c - every byte of RAM in the firmware's map is accounted for, by name. */
#include "lib/string.h"
#include "lib/test.h"
#include "mm/debug/census.h"
#include "mm/phys/page_alloc.h"

#define BLOCK_ORDER 4u

static struct memory_account_row rows[MEMORY_ACCOUNT_ROWS_MAX];
static unsigned int row_count;
static u64 total_bytes;

/* Take the account anew. Returns the sum of its rows. */
static u64 take_account(void)
{
        u64 sum_bytes = 0;

        row_count = memory_account(rows, &total_bytes);
        for (unsigned int index = 0; index < row_count; index++)
                sum_bytes += rows[index].bytes;
        return sum_bytes;
}

/* The bytes of all rows whose names end in text. */
static u64 bytes_of(const char *text)
{
        size_t length = strlen(text);
        u64 bytes = 0;

        for (unsigned int index = 0; index < row_count; index++) {
                size_t name_length = strlen(rows[index].name);

                if (name_length >= length && !strcmp(rows[index].name + name_length - length, text))
                        bytes += rows[index].bytes;
        }
        return bytes;
}

TEST(account, rows_add_up_to_all_ram)
{
        u64 sum_bytes = take_account();
        u64 map_bytes = 0;

        for (enum memory_kind kind = MEMORY_RAM; kind <= MEMORY_RAM_UNREACHABLE; kind++)
                map_bytes += memmap_bytes(&memmap, kind);
        EXPECT(row_count <= MEMORY_ACCOUNT_ROWS_MAX);
        EXPECT_EQ(sum_bytes, total_bytes);
        EXPECT_EQ(total_bytes, map_bytes);
}

TEST(account, rows_agree_with_counters)
{
        take_account();
        EXPECT_EQ(bytes_of(" free"), (u64)nr_free_pages() << PAGE_SHIFT);
        EXPECT(bytes_of("Kernel code") >= PAGE_SIZE);
        EXPECT_EQ(bytes_of("mem_map"), (u64)mem_map_count * sizeof(struct page));
}

TEST(account, rows_follow_an_allocation)
{
        take_account();
        u64 before_bytes = bytes_of(" allocated");
        struct page *page = alloc_pages(GFP_KERNEL, BLOCK_ORDER);

        REQUIRE(page);
        EXPECT_EQ(take_account(), total_bytes);
        EXPECT_EQ(bytes_of(" allocated"), before_bytes + (PAGE_SIZE << BLOCK_ORDER));
        __free_pages(page, BLOCK_ORDER);
        EXPECT_EQ(take_account(), total_bytes);
        EXPECT_EQ(bytes_of(" allocated"), before_bytes);
}
