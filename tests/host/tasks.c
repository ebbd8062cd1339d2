/*
 * tasks.c - what kernel/sync/schedule.h declares, with a thread of the build machine for each task.
 * Only the one whose turn it is ever runs.
 */
#include "tests/host/tasks.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/sync/signal.h"
#include "lib/assert.h"
#include "lib/random.h"

#define TASKS_MAX 64u
#define SWITCH_ONE_IN 3u                /* chance of a switch where one is possible */

struct task_struct {
        const char *name;
        void (*function)(void *data);
        void *data;
        unsigned int state;             /* TASK_ of schedule.h */
        bool is_preempted;              /* runs on, whatever its state */
        bool has_ended;
        bool has_signal;
        bool has_timeout;
        long wake_tick;                 /* if has_timeout */
        sem_t turn;                     /* posted to let it run */
        struct lock_held lock_held;
};

static struct task_struct main_task = { .name = "main", .lock_held.name = "main" };
static struct task_struct *tasks[TASKS_MAX] = { &main_task };
static unsigned int task_count = 1;
static unsigned int next_turn;
static bool is_random;
static struct random chance;
static long now;

DEFINE_PER_CPU(struct task_struct *, current_task) = &main_task;

/* Wait until it is this task's turn. */
static void await_turn(struct task_struct *task)
{
        while (sem_wait(&task->turn))
                ;
}

/* What a task's thread runs. */
static void *run_task(void *task)
{
        await_turn(task);
        current->function(current->data);
        if (DEBUG_BUILD)
                lock_debug_exit();
        current->has_ended = true;
        schedule();
        return NULL;
}

/* Let the test be the task "main", before there is any other. */
static void adopt_main(void)
{
        if (task_count > 1)
                return;
        sem_init(&main_task.turn, 0, 0);
        if (DEBUG_BUILD)
                lock_debug_switch(&main_task.lock_held);
}

struct task_struct *host_task_start(const char *name, void (*function)(void *data), void *data)
{
        struct task_struct *task = calloc(1, sizeof(*task));
        pthread_t thread;

        BUG_ON(!task || task_count == TASKS_MAX, "%u tasks", task_count);
        adopt_main();
        task->name = name;
        task->function = function;
        task->data = data;
        task->lock_held.name = name;
        BUG_ON(sem_init(&task->turn, 0, 0) || pthread_create(&thread, NULL, run_task, task) ||
               pthread_detach(thread), "no thread for %s", name);
        tasks[task_count++] = task;
        return task;
}

/* Whether a task could run now. */
static bool can_run(const struct task_struct *task)
{
        return !task->has_ended && (task->state == TASK_RUNNING || task->is_preempted);
}

/* The next task that can run; NULL when all wait. */
static struct task_struct *find_runnable(void)
{
        unsigned int first = is_random ? (unsigned int)random_below(&chance, task_count)
                                       : next_turn + 1;

        for (unsigned int index = 0; index < task_count; index++) {
                unsigned int turn = (first + index) % task_count;

                if (!can_run(tasks[turn]))
                        continue;
                next_turn = turn;
                return tasks[turn];
        }
        return NULL;
}

/* Let time pass until the next time-out. Returns: false when there is none. */
static bool leap(void)
{
        struct task_struct *first = NULL;

        for (unsigned int index = 0; index < task_count; index++)
                if (tasks[index]->has_timeout && !tasks[index]->has_ended &&
                    (!first || tasks[index]->wake_tick < first->wake_tick))
                        first = tasks[index];
        if (!first)
                return false;
        if (now < first->wake_tick)
                now = first->wake_tick;
        first->has_timeout = false;
        first->state = TASK_RUNNING;
        return true;
}

/* Let next run, here. */
static void switch_to(struct task_struct *next)
{
        struct task_struct *previous = current;

        if (next == previous)
                return;
        this_cpu_write(current_task, next);
        if (DEBUG_BUILD)
                lock_debug_switch(&next->lock_held);
        sem_post(&next->turn);
        if (!previous->has_ended)
                await_turn(previous);
}

void schedule(void)
{
        struct task_struct *next;

        BUG_ON(preempt_count(), "%s sleeps, preempt count %#x", current->name, preempt_count());
        do {
                next = find_runnable();
        } while (!next && leap());
        BUG_ON(!next, "all tasks wait, %s the last", current->name);
        switch_to(next);
}

long schedule_timeout(long tick_count)
{
        struct task_struct *task = current;

        if (tick_count == MAX_SCHEDULE_TIMEOUT) {
                schedule();
                return tick_count;
        }

        long end = now + tick_count;

        task->wake_tick = end;
        task->has_timeout = task->state != TASK_RUNNING;
        schedule();
        task->has_timeout = false;
        return end > now ? end - now : 0;
}

void set_current_state(unsigned int state)
{
        current->state = state;
}

bool wake_up_state(struct task_struct *task, unsigned int states)
{
        if (!(task->state & states))
                return false;
        task->state = TASK_RUNNING;
        return true;
}

bool wake_up_process(struct task_struct *task)
{
        return wake_up_state(task, TASK_NORMAL);
}

const char *task_name(const struct task_struct *task)
{
        return task ? task->name : "?";
}

bool signal_pending(const struct task_struct *task)
{
        return task->has_signal;
}

void preempt_schedule(void)
{
        struct task_struct *task = current;

        if (!is_random || irqs_disabled() || random_below(&chance, SWITCH_ONE_IN))
                return;
        task->is_preempted = true;
        host_yield();
        task->is_preempted = false;
}

void host_yield(void)
{
        switch_to(find_runnable());
}

void host_tasks_preempt(u64 seed)
{
        adopt_main();
        is_random = seed != 0;
        random_seed(&chance, seed);
        if (is_random)
                set_need_resched();
        else
                clear_need_resched();
}

/* Whether all other tasks have ended, or else any of them can run. */
static void look_at_others(bool *have_ended, bool *any_can_run)
{
        *have_ended = true;
        *any_can_run = false;
        for (unsigned int index = 1; index < task_count; index++) {
                *have_ended = *have_ended && tasks[index]->has_ended;
                *any_can_run = *any_can_run || can_run(tasks[index]);
        }
}

bool host_tasks_run(void)
{
        bool have_ended, any_can_run;

        for (;;) {
                look_at_others(&have_ended, &any_can_run);
                if (have_ended)
                        return true;
                if (any_can_run)
                        host_yield();
                else if (!leap())
                        return false;
        }
}

void host_task_signal(struct task_struct *task)
{
        task->has_signal = true;
        wake_up_state(task, TASK_INTERRUPTIBLE);
}

bool host_task_has_ended(const struct task_struct *task)
{
        return task->has_ended;
}

bool host_task_waits(const struct task_struct *task)
{
        return task->state != TASK_RUNNING;
}

long host_task_time(void)
{
        return now;
}
