/*
 * fuzz.h - streams of operations, decoded from bytes, against naive models.
 *
 * Each target takes any bytes whatever, does what they say, and panics when the code under test
 * and the model differ. The bytes come from libFuzzer (`make fuzz`), which looks for streams that
 * reach new code, or from a seed, in the hosted tests of tests/fuzz/test_fuzz.c.
 */
#pragma once

#include "lib/assert.h"
#include "lib/types.h"

/* A target may be run any number of times in one process; each run begins anew. */
typedef void (*fuzz_target_t)(const u8 *data, size_t length);

void fuzz_memmap(const u8 *data, size_t length);
void fuzz_bootmem(const u8 *data, size_t length);
void fuzz_page_alloc(const u8 *data, size_t length);
void fuzz_percpu(const u8 *data, size_t length);
void fuzz_parse(const u8 *data, size_t length);
void fuzz_wheel(const u8 *data, size_t length);
void fuzz_format(const u8 *data, size_t length);
void fuzz_firmware(const u8 *data, size_t length);

/* What is left of the bytes. */
struct fuzz_stream {
        const u8 *next;
        const u8 *end;
};

/* fuzz_open - read the bytes of a stream from its start. */
static inline struct fuzz_stream fuzz_open(const u8 *data, size_t length)
{
        return (struct fuzz_stream){ .next = data, .end = data + length };
}

/* fuzz_has_more - whether any byte is left. */
static inline bool fuzz_has_more(const struct fuzz_stream *stream)
{
        return stream->next < stream->end;
}

/* fuzz_take - the next byte; 0 when none is left. */
static inline u8 fuzz_take(struct fuzz_stream *stream)
{
        return fuzz_has_more(stream) ? *stream->next++ : 0;
}

/* fuzz_take_number - the next bytes as one number, lowest first. */
static inline u64 fuzz_take_number(struct fuzz_stream *stream, unsigned int byte_count)
{
        u64 number = 0;

        for (unsigned int index = 0; index < byte_count; index++)
                number |= (u64)fuzz_take(stream) << (8 * index);
        return number;
}

/* fuzz_below - a number below bound, which is not 0, from as few bytes as that takes. */
static inline u32 fuzz_below(struct fuzz_stream *stream, u32 bound)
{
        return (u32)(fuzz_take_number(stream, bound <= 256 ? 1 : bound <= 65536 ? 2 : 4) % bound);
}

/* End the run, as failed, when condition does not hold. */
#define FUZZ_REQUIRE(condition)                                                         \
        do {                                                                            \
                if (!(condition))                                                       \
                        panic("%s:%d: %s", __FILE__, __LINE__, #condition);             \
        } while (0)
