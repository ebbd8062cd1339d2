/*
 * Blocks and strings: each function against a slower one, at all alignments and lengths around
 * the word size, with a margin around each block that must stay as it was.
 */
#include <string.h>

/* The C library's functions, kept under other names before the kernel's take theirs. */
static size_t (*const libc_strlen)(const char *) = strlen;
static size_t (*const libc_strnlen)(const char *, size_t) = strnlen;
static int (*const libc_strcmp)(const char *, const char *) = strcmp;
static int (*const libc_strncmp)(const char *, const char *, size_t) = strncmp;
static char *(*const libc_strchr)(const char *, int) = strchr;
static char *(*const libc_strrchr)(const char *, int) = strrchr;
static char *(*const libc_strstr)(const char *, const char *) = strstr;
static size_t (*const libc_strspn)(const char *, const char *) = strspn;
static size_t (*const libc_strcspn)(const char *, const char *) = strcspn;
static int (*const libc_memcmp)(const void *, const void *, size_t) = memcmp;

#include "tests/host/rename_libc.h"

#include "lib/bits.h"
#include "lib/random.h"
#include "lib/string.h"
#include "lib/test.h"

#define ALIGNMENTS 9u
#define LENGTHS 140u
#define MARGIN 80u
#define BLOCK_BYTES (MARGIN + ALIGNMENTS + LENGTHS + MARGIN)

static unsigned char block[BLOCK_BYTES];
static unsigned char model[BLOCK_BYTES];
static unsigned char source[BLOCK_BYTES];

/* Fills the block with noise, its model with the same, and the source with other noise. */
static void fill_blocks(struct random *random)
{
        for (size_t i = 0; i < BLOCK_BYTES; i++) {
                block[i] = (unsigned char)random_next(random);
                model[i] = block[i];
                source[i] = (unsigned char)random_next(random);
        }
}

/* Copies byte by byte through a buffer, so that overlap cannot matter. */
static void model_copy(unsigned char *to, const unsigned char *from, size_t bytes)
{
        unsigned char buffer[BLOCK_BYTES];

        for (size_t i = 0; i < bytes; i++)
                buffer[i] = from[i];
        for (size_t i = 0; i < bytes; i++)
                to[i] = buffer[i];
}

/* Whether the block and its model are the same, margins included. */
static bool block_is_model(void)
{
        return libc_memcmp(block, model, BLOCK_BYTES) == 0;
}

/* -1, 0 or 1. */
static int sign(int value)
{
        return (value > 0) - (value < 0);
}

TEST(lib_string, memcpy_copies_exactly_its_bytes)
{
        struct random random;

        random_seed(&random, test->seed);
        for (size_t to = 0; to < ALIGNMENTS; to++) {
                for (size_t from = 0; from < ALIGNMENTS; from++) {
                        for (size_t bytes = 0; bytes < LENGTHS; bytes++) {
                                fill_blocks(&random);
                                model_copy(model + MARGIN + to, source + MARGIN + from, bytes);
                                void *result = memcpy(block + MARGIN + to, source + MARGIN + from,
                                                      bytes);
                                REQUIRE(result == block + MARGIN + to);
                                REQUIRE(block_is_model());
                        }
                }
        }
}

TEST(lib_string, memmove_survives_every_overlap)
{
        struct random random;

        random_seed(&random, test->seed);
        for (size_t from = 0; from < MARGIN; from++) {
                for (size_t bytes = 0; bytes < LENGTHS; bytes++) {
                        fill_blocks(&random);
                        size_t to = random_below(&random, MARGIN);
                        model_copy(model + to, model + from, bytes);
                        REQUIRE(memmove(block + to, block + from, bytes) == block + to);
                        REQUIRE(block_is_model());
                }
        }
}

TEST(lib_string, memset_fills_exactly_its_bytes)
{
        struct random random;

        random_seed(&random, test->seed);
        for (size_t to = 0; to < ALIGNMENTS; to++) {
                for (size_t bytes = 0; bytes < LENGTHS; bytes++) {
                        int byte = (int)random_next(&random);
                        fill_blocks(&random);
                        for (size_t i = 0; i < bytes; i++)
                                model[MARGIN + to + i] = (unsigned char)byte;
                        REQUIRE(memset(block + MARGIN + to, byte, bytes) == block + MARGIN + to);
                        REQUIRE(block_is_model());
                }
        }
}

TEST(lib_string, memcmp_finds_the_first_difference)
{
        struct random random;

        random_seed(&random, test->seed);
        for (size_t bytes = 0; bytes < LENGTHS; bytes++) {
                for (size_t at = 0; at < ALIGNMENTS; at++) {
                        fill_blocks(&random);
                        unsigned char *left = block + MARGIN;
                        unsigned char *right = source + at;
                        model_copy(right, left, bytes);
                        EXPECT_EQ(memcmp(left, right, bytes), 0);
                        if (!bytes)
                                continue;
                        left[random_below(&random, (u32)bytes)] ^= 0x81;
                        left[random_below(&random, (u32)bytes)] ^= 0x01;
                        REQUIRE(sign(memcmp(left, right, bytes)) ==
                                sign(libc_memcmp(left, right, bytes)));
                }
        }
}

TEST(lib_string, memchr_inv_finds_the_first_other_byte)
{
        struct random random;

        random_seed(&random, test->seed);
        for (size_t at = 0; at < ALIGNMENTS; at++) {
                for (size_t bytes = 0; bytes < LENGTHS; bytes++) {
                        unsigned char byte = (unsigned char)random_next(&random);
                        unsigned char *start = block + at;
                        memset(block, byte, BLOCK_BYTES);
                        REQUIRE(!memchr_inv(start, byte | 0x700, bytes));
                        size_t odd = random_below(&random, LENGTHS);
                        start[odd] ^= 4;
                        unsigned char *expected = odd < bytes ? start + odd : NULL;
                        start[odd + 1 + random_below(&random, 20)] ^= 2;
                        REQUIRE(memchr_inv(start, byte, bytes) == expected);
                }
        }
}

TEST(lib_string, memswap_exchanges_two_blocks)
{
        struct random random;

        random_seed(&random, test->seed);
        for (size_t bytes = 0; bytes < LENGTHS; bytes++) {
                fill_blocks(&random);
                size_t at = random_below(&random, ALIGNMENTS);
                unsigned char before[BLOCK_BYTES];
                model_copy(before, source, BLOCK_BYTES);
                memswap(block + at, source + MARGIN, bytes);
                EXPECT_EQ(libc_memcmp(block + at, before + MARGIN, bytes), 0);
                EXPECT_EQ(libc_memcmp(source + MARGIN, model + at, bytes), 0);
                EXPECT_EQ(libc_memcmp(block + at + bytes, model + at + bytes, MARGIN), 0);
                unsigned char *behind = source + MARGIN + bytes;
                EXPECT_EQ(libc_memcmp(behind, before + MARGIN + bytes, MARGIN), 0);
                memswap(block + at, block + at, bytes);
                EXPECT_EQ(libc_memcmp(block + at, before + MARGIN, bytes), 0);
        }
}

/* Writes a short string of few different characters, so that equal parts are common. */
static void random_string(struct random *random, char *text, u32 length_limit)
{
        u32 length = random_below(random, length_limit);

        for (u32 i = 0; i < length; i++)
                text[i] = "aab\xe9\x01"[random_below(random, 5)];
        text[length] = '\0';
}

TEST(lib_string, strings_agree_with_the_c_library)
{
        struct random random;
        char a[24];
        char b[24];

        random_seed(&random, test->seed);
        for (int i = 0; i < 200000; i++) {
                random_string(&random, a, sizeof(a));
                random_string(&random, b, random_one_in(&random, 2) ? 4 : sizeof(b));
                size_t limit = random_below(&random, 10);
                int character = (signed char)"ab\xe9\x01z"[random_below(&random, 6)];
                REQUIRE(strlen(a) == libc_strlen(a));
                REQUIRE(strnlen(a, limit) == libc_strnlen(a, limit));
                REQUIRE(sign(strcmp(a, b)) == sign(libc_strcmp(a, b)));
                REQUIRE(sign(strncmp(a, b, limit)) == sign(libc_strncmp(a, b, limit)));
                REQUIRE(strchr(a, character) == libc_strchr(a, character));
                REQUIRE(strrchr(a, character) == libc_strrchr(a, character));
                REQUIRE(strstr(a, b) == libc_strstr(a, b));
                REQUIRE(strspn(a, b) == libc_strspn(a, b));
                REQUIRE(strcspn(a, b) == libc_strcspn(a, b));
        }
}

TEST(lib_string, strnlen_does_not_read_beyond_its_limit)
{
        static const char unterminated[4] = { 'a', 'b', 'c', 'd' };

        EXPECT_EQ(strnlen(unterminated, 4), 4);
        EXPECT_EQ(strnlen(unterminated, 0), 0);
        EXPECT_EQ(strncmp(unterminated, "abcdef", 4), 0);
}

TEST(lib_string, strlcpy_cuts_and_terminates)
{
        char buffer[8] = "XXXXXXX";

        EXPECT_EQ(strlcpy(buffer, "abc", 0), 3);
        EXPECT_EQ(buffer[0], 'X');
        EXPECT_EQ(strlcpy(buffer, "abc", 1), 3);
        EXPECT_EQ(buffer[0], '\0');
        EXPECT_EQ(buffer[1], 'X');
        EXPECT_EQ(strlcpy(buffer, "abcdef", 4), 6);
        EXPECT_EQ(libc_strcmp(buffer, "abc"), 0);
        EXPECT_EQ(buffer[4], 'X');
        EXPECT_EQ(strlcpy(buffer, "abc", 4), 3);
        EXPECT_EQ(libc_strcmp(buffer, "abc"), 0);
        EXPECT_EQ(strlcpy(buffer, "", sizeof(buffer)), 0);
        EXPECT_EQ(buffer[0], '\0');
}
