/* isolate.c - fork, run, report through a pipe. */
#include "tests/host/isolate.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/expect_panic.h"

#define TEST_SECONDS_MOST 120u

/* Part of the coverage run-time library, if the program is linked with it. */
void __gcov_dump(void) __attribute__((weak));
void __gcov_reset(void) __attribute__((weak));

/* In a test's process: its state, and where that is to be sent. */
static struct test_state *running_test;
static int report_pipe;

/* Send the test's state to the parent and end this process. */
static void __noreturn end_child(void)
{
        bool is_sent = write(report_pipe, running_test, sizeof(*running_test)) ==
                       (ssize_t)sizeof(*running_test);

        fflush(NULL);
        if (__gcov_dump)
                __gcov_dump();
        _exit(is_sent ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* The child's life. */
static void __noreturn run_child(const struct test_case *test_case, struct test_state *test)
{
        running_test = test;
        if (__gcov_reset)
                __gcov_reset();
        alarm(TEST_SECONDS_MOST);
        host_forget_output();
        test_case->run(test);
        if (host_unseen_bugs())
                test_fail(test, __FILE__, __LINE__, "unexpected %s", host_last_bug());
        end_child();
}

void isolate_give_up(const char *reason)
{
        if (!running_test)
                return;
        test_fail(running_test, __FILE__, __LINE__, "%s", reason);
        end_child();
}

/* Say how a child ended, when not as it should. */
static void judge_end(struct test_state *test, int status)
{
        if (WIFSIGNALED(status))
                test_fail(test, __FILE__, __LINE__, "killed by signal %d, %s", WTERMSIG(status),
                          strsignal(WTERMSIG(status)));
        else
                test_fail(test, __FILE__, __LINE__, "ended early with status %d",
                          WEXITSTATUS(status));
}

/* Wait for the child and read what it has sent. */
static void take_report(pid_t child, int pipe_end, struct test_state *test)
{
        struct test_state sent;
        ssize_t bytes = read(pipe_end, &sent, sizeof(sent));
        int status;

        waitpid(child, &status, 0);
        if (bytes == (ssize_t)sizeof(sent))
                *test = sent;
        if (bytes != (ssize_t)sizeof(sent) || !WIFEXITED(status) || WEXITSTATUS(status))
                judge_end(test, status);
}

void isolate_run(const struct test_case *test_case, struct test_state *test)
{
        int ends[2];

        fflush(NULL);
        if (pipe(ends)) {
                test_fail(test, __FILE__, __LINE__, "no pipe");
                return;
        }
        pid_t child = fork();
        if (child == 0) {
                close(ends[0]);
                report_pipe = ends[1];
                run_child(test_case, test);
        }
        close(ends[1]);
        if (child < 0)
                test_fail(test, __FILE__, __LINE__, "no process");
        else
                take_report(child, ends[0], test);
        close(ends[0]);
}
