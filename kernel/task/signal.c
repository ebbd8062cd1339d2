/* signal.c - kernel threads get no signals. */
#include "kernel/sync/signal.h"

bool signal_pending(const struct task_struct *task __unused)
{
        return false;
}
