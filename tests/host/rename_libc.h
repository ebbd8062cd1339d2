/*
 * rename_libc.h - lets the kernel's own library live beside the C library in one program.
 *
 * On the build machine every file of lib/ is compiled with `-include tests/host/rename_libc.h`, so
 * that what it defines under a name of the C library or of the compiler's run-time library gets
 * another one. Code under test goes on to call the C library's functions, which the sanitizers
 * watch; a test of lib/ includes this file to reach the kernel's.
 */
#pragma once

#define memcpy strata_memcpy
#define memmove strata_memmove
#define memset strata_memset
#define memcmp strata_memcmp
#define strlen strata_strlen
#define strnlen strata_strnlen
#define strcmp strata_strcmp
#define strncmp strata_strncmp
#define strlcpy strata_strlcpy
#define strchr strata_strchr
#define strrchr strata_strrchr
#define strstr strata_strstr
#define strspn strata_strspn
#define strcspn strata_strcspn

#define snprintf strata_snprintf
#define vsnprintf strata_vsnprintf

#define __udivdi3 strata_udivdi3
#define __umoddi3 strata_umoddi3
#define __divdi3 strata_divdi3
#define __moddi3 strata_moddi3
#define __udivmoddi4 strata_udivmoddi4
#define __divmoddi4 strata_divmoddi4
