/*
 * test_multiboot.c - the readers of boot/, fed with what no sane loader would leave.
 *
 * The readers proper are linked at their physical address and gone by now, so they are compiled
 * here once more under other names; addresses are 32 bits wide on both sides of paging, so they
 * can read structures in the kernel's own data.
 */
#include "boot/early.h"

#define early_refuse test_refuse
#define early_copy_string test_copy_string
#define early_add_range test_add_range
#define early_add_module test_add_module
#define multiboot1_read test_multiboot1_read
#define multiboot2_read test_multiboot2_read

void early_refuse(const char *sentence) __noreturn;
bool early_copy_string(char *destination, u32 capacity, const char *source);
void early_add_range(struct boot_info *info, u64 start, u64 length_bytes, u32 kind);
void early_add_module(struct boot_info *info, u32 start, u32 end, const char *name);
void multiboot1_read(struct boot_info *info, const void *information);
void multiboot2_read(struct boot_info *info, const void *information);

#include "boot/early_collect.c"
#include "boot/multiboot1.c"
#define read_memory_map read_memory_map2
#include "boot/multiboot2.c"

#include "lib/random.h"
#include "lib/string.h"
#include "lib/test.h"

#define RANDOM_ROUNDS 200u

static struct boot_info read;
static u8 input[16384] __aligned(8);
static const char *refusal;
static void *after_refusal[5];

/* Stands in for the one that halts: goes back to the test that provoked it. */
void early_refuse(const char *sentence)
{
        refusal = sentence;
        __builtin_longjmp(after_refusal, 1);
}

/* Read input by a reader, from a clean slate. Returns the sentence of its refusal, or NULL. */
static const char *__noinline read_input(void (*reader)(struct boot_info *, const void *))
{
        memset(&read, 0, sizeof(read));
        refusal = NULL;
        if (!__builtin_setjmp(after_refusal))
                reader(&read, input);
        return READ_ONCE(refusal);
}

/* Begin an information structure of protocol 1 with a map of map_bytes behind it. */
static struct multiboot1_range *begin_map1(u32 map_bytes)
{
        struct multiboot1_information *information = (void *)input;

        memset(input, 0, sizeof(input));
        information->flags = MULTIBOOT1_HAS_MEMORY_MAP;
        information->memory_map = (u32)(input + sizeof(*information));
        information->memory_map_bytes = map_bytes;
        return (void *)(input + sizeof(*information));
}

TEST(multiboot, reserved_ranges_come_before_ram)
{
        struct multiboot1_range *ranges = begin_map1(3 * sizeof(*ranges));

        ranges[0] = (struct multiboot1_range){ 20, 0x100000, 0x1000, BOOT_RANGE_RAM };
        ranges[1] = (struct multiboot1_range){ 20, 0x200000, 0x2000, BOOT_RANGE_RESERVED };
        ranges[2] = (struct multiboot1_range){ 20, 0x300000, 0x3000, BOOT_RANGE_RAM };
        EXPECT(!read_input(multiboot1_read));
        EXPECT_EQ(read.range_count, 3);
        EXPECT_EQ(read.ranges[0].start, 0x200000);
        EXPECT_EQ(read.ranges[1].start, 0x100000);
        EXPECT_EQ(read.ranges[2].length_bytes, 0x3000);
}

TEST(multiboot, an_entry_of_no_size_ends_the_map)
{
        struct multiboot1_range *ranges = begin_map1(3 * sizeof(*ranges));

        ranges[0] = (struct multiboot1_range){ 20, 0x100000, 0x1000, BOOT_RANGE_RAM };
        ranges[1] = (struct multiboot1_range){ 0xFFFFFFFC, 0x200000, 1, BOOT_RANGE_RAM };
        ranges[2] = (struct multiboot1_range){ 20, 0x300000, 1, BOOT_RANGE_RAM };
        EXPECT(!read_input(multiboot1_read));
        EXPECT_EQ(read.range_count, 2);
}

TEST(multiboot, a_cut_entry_is_not_read)
{
        struct multiboot1_range *ranges = begin_map1(2 * sizeof(*ranges) - 1);

        ranges[0] = (struct multiboot1_range){ 20, 0x100000, 0x1000, BOOT_RANGE_RAM };
        ranges[1] = (struct multiboot1_range){ 20, 0x200000, 0x1000, BOOT_RANGE_RAM };
        EXPECT(!read_input(multiboot1_read));
        EXPECT_EQ(read.range_count, 1);
}

TEST(multiboot, without_a_map_two_sizes_serve)
{
        struct multiboot1_information *information = (void *)input;

        memset(input, 0, sizeof(input));
        information->flags = MULTIBOOT1_HAS_MEMORY_SIZES;
        information->lower_kib = 639;
        information->upper_kib = 0xFFFFFFFF;
        EXPECT(!read_input(multiboot1_read));
        EXPECT_EQ(read.range_count, 2);
        EXPECT_EQ(read.ranges[0].length_bytes, 639 * 1024);
        EXPECT_EQ(read.ranges[1].start, 0x100000);
        EXPECT_EQ(read.ranges[1].length_bytes, 0xFFFFFFFFull << 10);
}

TEST(multiboot, ram_beyond_the_table_is_counted_and_dropped)
{
        struct multiboot1_range *ranges = begin_map1((BOOT_RANGES_MAX + 5) * sizeof(*ranges));

        for (u32 index = 0; index < BOOT_RANGES_MAX + 5; index++)
                ranges[index] = (struct multiboot1_range){ 20, index << 12, 0x1000,
                                                           index % 2 ? BOOT_RANGE_RAM
                                                                     : BOOT_RANGE_RESERVED };
        EXPECT(!read_input(multiboot1_read));
        EXPECT_EQ(read.range_count, BOOT_RANGES_MAX);
        EXPECT_EQ(read.ranges_dropped_count, 5);
        for (u32 index = 0; index < (BOOT_RANGES_MAX + 5 + 1) / 2; index++)
                EXPECT_EQ(read.ranges[index].kind, BOOT_RANGE_RESERVED);
}

TEST(multiboot, more_reserved_ranges_than_room_are_refused)
{
        struct multiboot1_range *ranges = begin_map1((BOOT_RANGES_MAX + 1) * sizeof(*ranges));

        for (u32 index = 0; index <= BOOT_RANGES_MAX; index++)
                ranges[index] = (struct multiboot1_range){ 20, index << 12, 0x1000,
                                                           BOOT_RANGE_RESERVED };
        const char *sentence = read_input(multiboot1_read);
        REQUIRE(sentence != NULL);
        EXPECT(strstr(sentence, "512 reserved ranges") != NULL);
}

/* Fill in a list of count modules, behind the structure. */
static struct multiboot1_module *begin_modules1(u32 count)
{
        struct multiboot1_information *information = (void *)input;

        memset(input, 0, sizeof(input));
        information->flags = MULTIBOOT1_HAS_MODULES;
        information->module_count = count;
        information->modules = (u32)(input + sizeof(*information));
        return (void *)(input + sizeof(*information));
}

TEST(multiboot, modules_without_bytes_are_left_out)
{
        struct multiboot1_module *modules = begin_modules1(3);

        modules[0] = (struct multiboot1_module){ 0x200000, 0x200000, 0, 0 };
        modules[1] = (struct multiboot1_module){ 0x400000, 0x300000, 0, 0 };
        modules[2] = (struct multiboot1_module){ 0x500000, 0x500001, (u32)"a\x01" "b", 0 };
        EXPECT(!read_input(multiboot1_read));
        REQUIRE(read.module_count == 1);
        EXPECT_EQ(read.modules[0].start, 0x500000);
        EXPECT(!strcmp(read.modules[0].name, "a?b"));
}

TEST(multiboot, more_modules_than_can_be_kept_are_refused)
{
        struct multiboot1_module *modules = begin_modules1(BOOT_MODULES_MAX + 1);

        for (u32 index = 0; index <= BOOT_MODULES_MAX; index++)
                modules[index] = (struct multiboot1_module){ 0x1000 * index, 0x1000 * index + 1,
                                                             0, 0 };
        const char *sentence = read_input(multiboot1_read);
        REQUIRE(sentence != NULL);
        EXPECT(strstr(sentence, "32 modules") != NULL);
}

TEST(multiboot, a_long_command_line_is_cut)
{
        struct multiboot1_information *information = (void *)input;
        char *line = (char *)input + sizeof(*information);

        memset(input, 0, sizeof(input));
        information->flags = MULTIBOOT1_HAS_COMMAND_LINE;
        information->command_line = (u32)line;
        memset(line, 'x', BOOT_COMMAND_LINE_BYTES);
        EXPECT(!read_input(multiboot1_read));
        EXPECT(read.command_line_is_cut);
        EXPECT_EQ(strlen(read.command_line), BOOT_COMMAND_LINE_BYTES - 1);
}

/* Append a tag of protocol 2 at offset. Returns the offset behind it. */
static u32 put_tag(u32 offset, u32 kind, const void *payload, u32 payload_bytes, u32 size_bytes)
{
        struct multiboot2_tag tag = { kind, size_bytes };

        memcpy(input + offset, &tag, sizeof(tag));
        memcpy(input + offset + sizeof(tag), payload, payload_bytes);
        return ROUND_UP(offset + (u32)sizeof(tag) + payload_bytes, 8u);
}

TEST(multiboot, tags_of_protocol_2_are_understood)
{
        struct {
                u32 entry_bytes, entry_version;
                struct multiboot2_range ranges[2];
        } map = { sizeof(struct multiboot2_range), 0,
                  { { 0x100000, 0x1000, BOOT_RANGE_RAM, 0 }, { 0, 0x1000, 77, 0 } } };
        struct {
                u32 start, end;
                char name[8];
        } module = { 0x700000, 0x700123, "disk" };
        u32 end;

        memset(input, 0, sizeof(input));
        end = put_tag(8, MULTIBOOT2_COMMAND_LINE, "test=all", 9, 8 + 9);
        end = put_tag(end, MULTIBOOT2_MEMORY_MAP, &map, sizeof(map), 8 + sizeof(map));
        end = put_tag(end, 4711, "unknown", 8, 16);
        end = put_tag(end, MULTIBOOT2_MODULE, &module, sizeof(module), 8 + sizeof(module));
        end = put_tag(end, MULTIBOOT2_END, "", 0, 8);
        memcpy(input, &end, sizeof(end));

        EXPECT(!read_input(multiboot2_read));
        EXPECT(!strcmp(read.command_line, "test=all"));
        EXPECT_EQ(read.range_count, 2);
        EXPECT_EQ(read.ranges[0].kind, 77);
        EXPECT_EQ(read.ranges[1].start, 0x100000);
        REQUIRE(read.module_count == 1);
        EXPECT(!strcmp(read.modules[0].name, "disk"));
}

TEST(multiboot, broken_tags_end_the_list)
{
        const u32 sizes[] = { 0, 1, 7, 0x7FFFFFFF, 0xFFFFFFF8, 0xFFFFFFF9, 0xFFFFFFFF };
        u32 total = 4096;

        for (u32 index = 0; index < ARRAY_SIZE(sizes); index++) {
                memset(input, 0, sizeof(input));
                memcpy(input, &total, sizeof(total));
                put_tag(8, 4711, "", 0, sizes[index]);
                EXPECT(!read_input(multiboot2_read));
                EXPECT_EQ(read.range_count, 0);
        }
        for (total = 0; total < 16; total++) {
                memset(input, 0xFF, sizeof(input));
                memcpy(input, &total, sizeof(total));
                EXPECT(!read_input(multiboot2_read));
        }
}

TEST(multiboot, random_bytes_stay_inside_the_tables)
{
        struct random random;

        random_seed(&random, test->seed);
        for (u32 round = 0; round < RANDOM_ROUNDS; round++) {
                struct multiboot1_range *ranges = begin_map1(
                        random_below(&random, (u32)(sizeof(input) - 256)));

                for (u8 *byte = (u8 *)ranges; byte < input + sizeof(input); byte++)
                        *byte = (u8)(random_below(&random, 8) ? random_below(&random, 32)
                                                             : random_next(&random));
                read_input(multiboot1_read);
                EXPECT(read.range_count <= BOOT_RANGES_MAX);
        }
}
