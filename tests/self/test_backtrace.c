/* test_backtrace.c - chains of frames that no call has made. */
#include "kernel/backtrace.h"
#include "kernel/printk.h"
#include "kernel/symbols.h"
#include "lib/test.h"

#define FRAME_COUNT 3

/* What a function leaves on its stack. */
struct frame {
        struct frame *caller;
        unsigned long return_address;
};

/* The lines that are printed for the chain that begins with a frame. */
static unsigned int count_lines(const struct frame *frame)
{
        unsigned int position = log_end();
        unsigned int line_count = 0;
        char text[128];
        size_t length_bytes;

        console_mute(true);
        backtrace_print((struct backtrace_origin){ .frame_pointer = (unsigned long)frame });
        console_mute(false);
        while ((length_bytes = log_read(&position, text, sizeof(text))) != 0)
                for (size_t index = 0; index < length_bytes; index++)
                        line_count += text[index] == '\n';
        return line_count;
}

/* Make a frame that returns into a function of the kernel, of which no two are the same. */
static struct frame make_frame(struct frame *caller, unsigned int number)
{
        return (struct frame){ caller, symbol_at(number).address + 1 };
}

TEST(backtrace, a_chain_ends_without_a_caller)
{
        struct frame frames[FRAME_COUNT];

        for (unsigned int index = 0; index < FRAME_COUNT; index++)
                frames[index] = make_frame(index + 1 < FRAME_COUNT ? &frames[index + 1] : NULL,
                                           index);
        EXPECT_EQ(count_lines(frames), FRAME_COUNT);
        EXPECT_EQ(count_lines(NULL), 0);
        EXPECT_EQ(count_lines((const struct frame *)0xFFFFFFFF), 0);
}

/* BACKTRACE-1: in a circle of two, each round goes down once. The fifth time is one too many. */
TEST(backtrace, a_circle_ends)
{
        struct frame frames[2];

        frames[0] = make_frame(&frames[1], 0);
        frames[1] = make_frame(&frames[0], 1);
        EXPECT_EQ(count_lines(frames), 5 * 2);
        frames[0] = make_frame(&frames[0], 0);
        EXPECT_EQ(count_lines(frames), 1);
}
