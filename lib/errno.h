/* errno.h - the numbers of errors, as Linux counts them. A call that fails returns one, negated. */
#pragma once

#define EPERM 1                         /* not allowed */
#define ENOENT 2                        /* no such thing */
#define ESRCH 3                         /* no such task */
#define EINTR 4                         /* a signal came first */
#define EIO 5                           /* the device failed */
#define EAGAIN 11                       /* not now */
#define ENOMEM 12                       /* no memory */
#define EACCES 13                       /* not with this permission */
#define EFAULT 14                       /* a bad address */
#define EBUSY 16                        /* somebody uses it */
#define EEXIST 17                       /* it is there already */
#define ENODEV 19                       /* no such device */
#define EINVAL 22                       /* an argument makes no sense */
#define ENOSPC 28                       /* no room */
#define ERANGE 34                       /* a number out of range */
#define EDEADLK 35                      /* waiting would never end */
#define ENOSYS 38                       /* no such call */
#define ETIME 62                        /* a timer ran out */
#define ETIMEDOUT 110                   /* it took too long */

/* Never seen by user programs: the system call is made again, or answers -EINTR. */
#define ERESTARTSYS 512                 /* a signal came first */
