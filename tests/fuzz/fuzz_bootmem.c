/*
 * Boot memory against a model that foretells every address: the first place that fits, found by
 * looking at one page after the other.
 */
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/boot/bootmem.h"
#include "mm/claims.h"
#include "mm/layout.h"
#include "tests/fuzz/fuzz.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"

#define PAGE ((u64)PAGE_SIZE)
#define END (20 * MIB)
#define PAGE_COUNT (20u << 8)
#define STEPS_MOST 200u

static bool is_taken[PAGE_COUNT];
static u64 tail_end;                    /* as bootmem's: where the last allocation ends, or 0 */

/* Live allocations are filled with their own byte; each byte of memory knows whose it is. */
static u8 owner_of[END];

/* Start a machine with two holes, and note what is free. */
static void start(void)
{
        const struct machine_range ranges[] = {
                { MIB, 4 * MIB + 1, MEMORY_RAM },
                { 5 * MIB, 16 * MIB + 3 * PAGE, MEMORY_RAM },
                { 17 * MIB - PAGE, END, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        memory_claim_add(6 * MIB + 5, 7 * MIB, "module");
        machine_start_bootmem();
        for (pfn_t pfn = 0; pfn < PAGE_COUNT; pfn++)
                is_taken[pfn] = !bootmem_page_is_free(pfn);
        memset(owner_of, 0, sizeof(owner_of));
        tail_end = 0;
}

/* Whether all pages that meet [start, end) are free. */
static bool pages_are_free(u64 first_byte, u64 end)
{
        for (u64 page = first_byte / PAGE; page * PAGE < end; page++)
                if (page >= PAGE_COUNT || is_taken[page])
                        return false;
        return true;
}

/* Where a request of the given goal is to be found, by the model; 0 when there is no place. */
static u64 foretell(u64 bytes, u64 align, u64 goal, u64 limit)
{
        u64 in_tail = ROUND_UP(tail_end, align);
        u64 tail_page_end = ROUND_UP(tail_end, PAGE);

        if (tail_end && in_tail >= goal && in_tail < tail_page_end && in_tail + bytes <= limit &&
            (in_tail + bytes <= tail_page_end || pages_are_free(tail_page_end, in_tail + bytes)))
                return in_tail;
        for (u64 place = ROUND_UP(max(goal, PAGE), max(align, PAGE)); place + bytes <= limit;
             place += max(align, PAGE)) {
                if (place >= END)
                        break;
                if (pages_are_free(place, place + bytes) && ROUND_UP(place + bytes, PAGE) <= limit)
                        return place;
        }
        return goal ? foretell(bytes, align, 0, limit) : 0;
}

/* Note an allocation, and fill it. */
static void note_allocation(u8 *memory, u64 place, u64 bytes, u8 owner)
{
        for (u64 page = place / PAGE; page * PAGE < place + bytes; page++)
                is_taken[page] = true;
        for (u64 byte = place; byte < place + bytes; byte++)
                FUZZ_REQUIRE(!owner_of[byte]);
        FUZZ_REQUIRE(!memchr_inv(memory, 0, bytes));
        memset(memory, owner, bytes);
        memset(owner_of + place, owner, bytes);
        tail_end = IS_ALIGNED(place + bytes, PAGE) ? 0 : place + bytes;
}

/* One request. */
static void do_allocate(struct fuzz_stream *stream)
{
        unsigned int size_class = fuzz_below(stream, 4);
        unsigned long bytes = 1 + fuzz_below(stream, size_class == 0 ? 256 :
                                             size_class == 1 ? 3 * 4096 : 65536);
        unsigned long align = 1ul << fuzz_below(stream, size_class == 3 ? 21 : 13);
        u64 goal = fuzz_below(stream, 2) ? 0 : fuzz_take_number(stream, 2) * 331;
        u64 limit = fuzz_below(stream, 4) ? DIRECT_MAP_BYTES
                                          : fuzz_take_number(stream, 2) * PAGE / 8;
        u64 place = foretell(bytes, align, goal, limit);
        u8 *memory = bootmem_alloc(bytes, align, goal, limit);

        FUZZ_REQUIRE(!memory == !place);
        if (!memory)
                return;
        FUZZ_REQUIRE(__pa(memory) == place);
        note_allocation(memory, place, bytes, (u8)(1 + fuzz_below(stream, 255)));
}

/* Whether the pages that lie in [first, end) entirely are all taken RAM. */
static bool may_be_freed(u64 first_page, u64 end_page)
{
        for (u64 page = first_page; page < end_page; page++)
                if (page >= PAGE_COUNT || !is_taken[page] ||
                    !memmap_contains(&memmap, page * PAGE, page * PAGE + PAGE, MEMORY_RAM))
                        return false;
        return true;
}

/* Free what must not be freed: a panic, and nothing changes. Not within a call of another one. */
static void free_and_expect_panic(unsigned long start_byte, unsigned long bytes)
{
        if (setjmp(host_panic_return) == 0) {
                host_panic_arm();
                free_bootmem(start_byte, bytes);
                host_panic_disarm();
                panic("free_bootmem(%#lx, %#lx) did not panic", start_byte, bytes);
        }
}

/* Free a range, which may begin and end anywhere. */
static void do_free(struct fuzz_stream *stream)
{
        unsigned long start_byte = (unsigned long)fuzz_below(stream, PAGE_COUNT) << PAGE_SHIFT;
        unsigned long bytes = fuzz_below(stream, 65536);

        start_byte += fuzz_below(stream, 2) ? fuzz_below(stream, PAGE_SIZE) : 0;
        u64 first = DIV_ROUND_UP((u64)start_byte, PAGE);
        u64 end = ((u64)start_byte + bytes) / PAGE;
        /* The bitmap is bootmem's own: to free it is to saw off the branch. */
        if (first <= MACHINE_IMAGE_END / PAGE && end > MACHINE_IMAGE_END / PAGE)
                return;
        if (first < end && !may_be_freed(first, end)) {
                free_and_expect_panic(start_byte, bytes);
                return;
        }
        free_bootmem(start_byte, bytes);
        for (u64 page = first; page < end; page++) {
                is_taken[page] = false;
                memset(owner_of + page * PAGE, 0, PAGE);
                if (tail_end / PAGE == page)
                        tail_end = 0;
        }
}

/* Whether bootmem and the model agree on every page. */
static void compare(void)
{
        for (pfn_t pfn = 0; pfn < PAGE_COUNT; pfn++)
                FUZZ_REQUIRE(bootmem_page_is_free(pfn) == !is_taken[pfn]);
        bootmem_check();
}

/* fuzz_bootmem - allocate, free, and compare after each step. */
void fuzz_bootmem(const u8 *data, size_t length)
{
        struct fuzz_stream stream = fuzz_open(data, length);

        start();
        for (unsigned int step = 0; fuzz_has_more(&stream) && step < STEPS_MOST; step++) {
                if (fuzz_below(&stream, 3))
                        do_allocate(&stream);
                else
                        do_free(&stream);
                compare();
        }
        for (u64 byte = MIB; byte < END; byte += is_taken[byte / PAGE] ? 1 : PAGE)
                if (owner_of[byte])
                        FUZZ_REQUIRE(*(u8 *)__va(byte) == owner_of[byte]);
}
