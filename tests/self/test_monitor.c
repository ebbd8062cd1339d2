/* test_monitor.c - the monitor's commands: what they print, and what they make of nonsense. */
#include "kernel/cpu/address.h"
#include "kernel/monitor/arguments.h"
#include "kernel/monitor/completion.h"
#include "kernel/monitor/monitor.h"
#include "kernel/monitor/words.h"
#include "kernel/printk.h"
#include "lib/assert.h"
#include "lib/bug_expect.h"
#include "lib/format.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/page.h"
#include "mm/phys/page_alloc.h"

#define OUTPUT_BYTES 4096
#define LINE_BYTES MONITOR_COMMAND_BYTES

/* What the last command printed, cut to fit. */
static char output[OUTPUT_BYTES];

/* Words that no command has any use for. None of them is the address of an allocated page. */
static const char *const odd_words[] = {
        "0", "1", "-1", "11", "31", "32", "4095", "4096", "4294967295", "4294967296", "0x",
        "0xc0000000", "0xffffffff", "0xfffffffffffffffc", "18446744073709551615",
        "18446744073709551616", "99999999999999999999999999", "pfn:", "pfn:0", "pfn:-1",
        "pfn:0xffffffff",
        "pfn:0x1000000000000000", "phys:", "phys:0", "phys:0xfffffffffffff", "phys:x", "nonsense",
        "kernel_main+", "kernel_main+0xffffffff", "|", "GFP_", "GFP_KERNEL|", "seed=", "seed=x",
        ",", "0,", "0,0", "0,1,", "101", "%s%n", "\"\"", "\"a b\"", "=", "a=b",
};

/* Run commands without showing what they print; keep it in output. */
static bool run_quietly(const char *text)
{
        unsigned int position = log_end();

        console_mute(true);
        bool all_succeeded = monitor_execute(text);
        console_mute(false);
        output[log_read(&position, output, sizeof(output) - 1)] = '\0';
        return all_succeeded;
}

/* The same, with a format. */
static __printf(1, 2) bool run_format(const char *format, ...)
{
        static char text[LINE_BYTES];
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        return run_quietly(text);
}

/* Whether output has part. */
static bool printed(const char *part)
{
        return strstr(output, part) != NULL;
}

/* Whether name is among the names of a list that NULL ends. */
static bool is_among(const char *name, const char *const *names)
{
        for (; *names; names++)
                if (!strcmp(name, *names))
                        return true;
        return false;
}

/* Undo what a command may have done that a test must not leave behind. */
static void clean_up(const char *name, bool has_succeeded)
{
        if (!strcmp(name, "alloc") && has_succeeded)
                run_quietly("free last");
        if (!strcmp(name, "fail") && DEBUG_BUILD)
                run_quietly("fail 0");
}

TEST(monitor, commands_cope_without_arguments)
{
        static const char *const left_out[] = { "panic", "poweroff", "reboot", "bench",
                                                "scaling", "clear", NULL };

        for (const struct monitor_command *command = __start_monitor_commands;
             command < __stop_monitor_commands; command++) {
                if (is_among(command->name, left_out))
                        continue;
                bool has_succeeded = run_quietly(command->name);
                if (!has_succeeded && !output[0])
                        test_fail(test, __FILE__, __LINE__, "%s fails silently", command->name);
                clean_up(command->name, has_succeeded);
        }
}

TEST(monitor, commands_cope_with_odd_arguments)
{
        static const char *const left_out[] = { "panic", "wait", NULL };

        for (const struct monitor_command *command = __start_monitor_commands;
             command < __stop_monitor_commands; command++) {
                for (unsigned int index = 0; index < ARRAY_SIZE(odd_words); index++) {
                        const char *word = odd_words[index];

                        if (is_among(command->name, left_out))
                                continue;
                        bug_expect_begin();
                        clean_up(command->name, run_format("%s %s", command->name, word));
                        clean_up(command->name, run_format("%s %s %s", command->name, word, word));
                        clean_up(command->name, run_format("%s 0 %s", command->name, word));
                        bug_expect_end("", NULL);
                }
        }
}

/* Apart from the others, since it would wait for each odd word that is a time. */
TEST(monitor, wait_refuses_what_is_no_time)
{
        static const char *const words[] = { "-1", "4294967296", "0x", "nonsense", "\"\"", "1s" };

        EXPECT(run_quietly("wait 1"));
        for (unsigned int index = 0; index < ARRAY_SIZE(words); index++) {
                if (run_format("wait %s", words[index]) || !output[0])
                        test_fail(test, __FILE__, __LINE__, "wait %s", words[index]);
        }
}

TEST(monitor, commands_refuse_too_many_arguments)
{
        for (const struct monitor_command *command = __start_monitor_commands;
             command < __stop_monitor_commands; command++) {
                if (!strcmp(command->name, "echo"))
                        continue;
                if (run_format("%s 1 2 3 4 5 6 7 8", command->name) || !printed("usage: "))
                        test_fail(test, __FILE__, __LINE__, "%s takes eight words", command->name);
        }
}

TEST(monitor, refuses_what_is_no_command)
{
        static char long_text[2 * MONITOR_COMMAND_BYTES];

        EXPECT(!run_quietly("nonsense"));
        EXPECT(printed("nonsense: no such command"));
        EXPECT(!run_quietly("\"\""));
        EXPECT(!run_quietly("echo \"open"));
        EXPECT(printed("not closed"));
        EXPECT(!run_quietly("echo 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"));
        EXPECT(printed("at most 16 words"));
        memset(long_text, 'x', sizeof(long_text) - 1);
        EXPECT(!run_quietly(long_text));
        EXPECT(printed("at most 255 characters"));
}

TEST(monitor, runs_several_commands)
{
        EXPECT(run_quietly(" echo one  two ;; echo \"three;  four\" ; "));
        EXPECT(!strcmp(output, "one two\nthree;  four\n"));
        EXPECT(!run_quietly("nonsense; echo behind"));
        EXPECT(printed("\nbehind\n"));
        EXPECT(run_quietly(""));
        EXPECT(run_quietly(" ; ; "));
        EXPECT_EQ(output[0], 0);
}

TEST(monitor, splits_words)
{
        char text[] = "  a \"b c\"d  \"\" e\"f\" ";
        char full[] = "1 2 3 4";
        char *words[5];

        EXPECT_EQ(words_split(text, words, 5), 4);
        EXPECT(!strcmp(words[0], "a"));
        EXPECT(!strcmp(words[1], "b cd"));
        EXPECT(!strcmp(words[2], ""));
        EXPECT(!strcmp(words[3], "ef"));
        EXPECT(!words[4]);
        EXPECT_EQ(words_split(full, words, 4), WORDS_TOO_MANY);
}

TEST(monitor, cuts_commands_that_are_too_long)
{
        const char *text = "abcdef;gh";
        char buffer[4];
        size_t length_bytes;

        EXPECT(words_next_command(&text, buffer, sizeof(buffer), &length_bytes));
        EXPECT_EQ(length_bytes, 6);
        EXPECT(!strcmp(buffer, "abc"));
        EXPECT(words_next_command(&text, buffer, sizeof(buffer), &length_bytes));
        EXPECT(!strcmp(buffer, "gh"));
        EXPECT(!words_next_command(&text, buffer, sizeof(buffer), &length_bytes));
}

TEST(monitor, help_knows_every_command)
{
        static char line[LINE_BYTES];

        REQUIRE(run_quietly("help"));
        for (const struct monitor_command *command = __start_monitor_commands;
             command < __stop_monitor_commands; command++) {
                snprintf(line, sizeof(line), "  %-10s%s", command->name, command->arguments);
                if (!printed(line))
                        test_fail(test, __FILE__, __LINE__, "%s is not in help", command->name);
        }
}

TEST(monitor, reads_arguments)
{
        unsigned long address, begin;
        gfp_t gfp_mask;

        console_mute(true);
        bool by_name = argument_address("kernel_main", &begin);
        bool by_sum = argument_address("kernel_main+0x10", &address);
        bool by_mask = argument_gfp("GFP_KERNEL|__GFP_ZERO|HIGHMEM", &gfp_mask);
        console_mute(false);
        EXPECT(by_name && by_sum && by_mask);
        EXPECT_EQ(address, begin + 0x10);
        EXPECT_EQ(gfp_mask, GFP_KERNEL | __GFP_ZERO | __GFP_HIGHMEM);
        EXPECT(argument_address("c0100000", &address));
        EXPECT_EQ(address, 0xC0100000u);
        EXPECT(argument_gfp("DMA32", &gfp_mask));
        EXPECT_EQ(gfp_mask, GFP_DMA32);
}

/* Whether completion offers a word for what stands at the end of line. */
static bool is_offered(const char *line, size_t word_start, const char *word)
{
        const char *candidate;

        for (unsigned int index = 0;
             (candidate = completion_candidate(NULL, line, word_start, index)); index++)
                if (!strcmp(candidate, word))
                        return true;
        return false;
}

TEST(monitor, completes_commands_and_arguments)
{
        EXPECT(is_offered("mem", 0, "meminfo"));
        EXPECT(is_offered("echo;  mem", 7, "meminfo"));
        EXPECT(is_offered("help mem", 5, "meminfo"));
        EXPECT(is_offered("peek kernel_m", 5, "kernel_main"));
        EXPECT(is_offered("alloc 0 GFP", 8, "GFP_HIGHUSER"));
        EXPECT(is_offered("test mon", 5, "monitor"));
        EXPECT(!is_offered("echo mem", 5, "meminfo"));
        EXPECT(!is_offered("nonsense mem", 9, "meminfo"));
}

TEST(monitor, alloc_and_free_a_block)
{
        const char *rest;
        u64 pfn = 0;

        REQUIRE(run_quietly("alloc 3 GFP_KERNEL"));
        REQUIRE(!strncmp(output, "pfn:", 4));
        REQUIRE(parse_u64(output + 4, &rest, 0, &pfn));
        REQUIRE(pfn_valid((unsigned long)pfn));
        struct page *page = pfn_to_page((pfn_t)pfn);
        EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
        EXPECT_EQ(page_order(page), 3);
        EXPECT(run_quietly("allocs"));
        EXPECT(printed("order:3\n"));
        EXPECT(run_quietly("page last"));
        EXPECT(printed("allocated, refcount 1"));
        EXPECT(run_format("free pfn:%#llx", (unsigned long long)pfn));
        EXPECT(page_state(page) != PAGE_ALLOCATED);
}

TEST(monitor, pages_without_a_descriptor_are_refused)
{
        EXPECT(run_format("page pfn:%u", mem_map_count - 1));
        EXPECT(!run_format("page pfn:%u", mem_map_count));
        EXPECT(printed("has no descriptor"));
        EXPECT(!run_format("free pfn:%u", mem_map_count));
        EXPECT(!run_format("page phys:%#llx", (unsigned long long)mem_map_count << PAGE_SHIFT));
        EXPECT(!run_quietly("page 0xfffff000"));
        EXPECT(printed("no logical address"));
}

TEST(monitor, free_of_a_free_page_is_reported)
{
        REQUIRE(run_quietly("alloc 0; free last"));
        bug_expect_begin();
        run_quietly("free last");
        EXPECT(bug_expect_end("double-free", NULL));
}

TEST(monitor, free_by_a_wrong_order_is_reported)
{
        REQUIRE(run_quietly("alloc 2"));
        bug_expect_begin();
        run_quietly("free last 1");
        EXPECT(bug_expect_end("wrong-order", NULL));
        EXPECT(run_quietly("free last"));
}

TEST(monitor, fail_makes_alloc_fail)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build lets allocations fail");
        EXPECT(run_quietly("fail 100"));
        EXPECT(!run_quietly("alloc 0"));
        EXPECT(printed("no block of order 0"));
        EXPECT(run_quietly("fail 0"));
        EXPECT(run_quietly("alloc 0; free last"));
}

TEST(monitor, peek_shows_memory)
{
        static const char text[] __aligned(16) = "sixteen letters.";

        EXPECT(run_format("peek %#lx 16", (unsigned long)text));
        EXPECT(printed("|sixteen letters.|"));
        EXPECT(run_format("peek phys:%#llx 16", (unsigned long long)__pa(text)));
        EXPECT(printed("|sixteen letters.|"));
        EXPECT(run_format("peek %#lx 5", (unsigned long)text));
        EXPECT(printed("|sixte|"));
}

TEST(monitor, peek_says_where_nothing_is)
{
        EXPECT(!run_quietly("peek 0"));
        EXPECT(printed("not present"));
        EXPECT(!run_quietly("peek 0xfffffffc"));
        EXPECT(printed("not present"));
        EXPECT(!run_quietly("peek phys:0xfffffffff0000"));
        EXPECT(printed("neither RAM nor mapped"));
        EXPECT(!run_quietly("peek 0x100000000"));
        EXPECT(printed("beyond the 32-bit address space"));
        EXPECT(!run_quietly("peek kernel_main 5000"));
        EXPECT(printed("too large"));
}

TEST(monitor, symbols_are_found_both_ways)
{
        EXPECT(run_quietly("symbols kernel_main"));
        EXPECT(printed(" t kernel_main\n"));
        EXPECT(run_quietly("symbols kernel_main+4"));
        EXPECT(printed("kernel_main+0x4, kernel text"));
}

TEST(monitor, pages_of_memory_have_the_known_layout)
{
        EXPECT(run_quietly("meminfo"));
        EXPECT(!strncmp(output, "MemTotal:       ", 16));
        EXPECT(printed(" kB\nMemFree:        "));
        EXPECT(printed(" kB\nLowFree:        "));
        EXPECT(printed("\nThe rows add up"));
        EXPECT(run_quietly("buddyinfo"));
        EXPECT(!strncmp(output, "Node 0, zone      DMA ", 22));
        EXPECT(run_quietly("zoneinfo"));
        EXPECT(!strncmp(output, "Node 0, zone      DMA\n  pages free     ", 39));
        EXPECT(printed("\n        protection: (0, "));
        EXPECT(run_quietly("iomem"));
        EXPECT(printed("00100000-"));
        EXPECT(printed(" : System RAM\n  "));
        EXPECT(printed(" : Kernel code\n"));
        EXPECT(printed(" : mem_map\n"));
        EXPECT(run_quietly("cpuinfo"));
        EXPECT(!strncmp(output, "processor\t: 0\nvendor_id\t: ", 26));
        EXPECT(printed(" pae "));
}

/* The start of the next line of *text that is not indented, as a number; false at the end. */
static bool next_range(const char **text, u64 *start, u64 *last)
{
        while (**text == ' ') {
                *text += strcspn(*text, "\n");
                *text += **text == '\n';
        }
        if (!parse_u64(*text, text, 16, start) || *(*text)++ != '-' ||
            !parse_u64(*text, text, 16, last))
                return false;
        *text += strcspn(*text, "\n");
        *text += **text == '\n';
        return true;
}

TEST(monitor, iomem_is_sorted_and_disjoint)
{
        u64 start, last, end = 0;
        unsigned int count = 0;

        REQUIRE(run_quietly("iomem"));
        for (const char *text = output; next_range(&text, &start, &last); count++) {
                EXPECT(start >= end);
                EXPECT(start <= last);
                end = last + 1;
        }
        EXPECT(count >= 2);
}

TEST(monitor, dmesg_does_not_fill_the_log)
{
        unsigned int end = log_end();

        console_mute(true);
        bool has_succeeded = monitor_execute("dmesg");
        console_mute(false);
        EXPECT(has_succeeded);
        EXPECT_EQ(log_end(), end);
}
