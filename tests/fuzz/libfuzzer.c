/* libfuzzer.c - how libFuzzer calls a target. Which one, the linker is told: --defsym. */
#include "tests/fuzz/fuzz.h"

void fuzz_target(const u8 *data, size_t length);
int LLVMFuzzerTestOneInput(const u8 *data, size_t length);

/* Run the target that this program is linked for. Returns 0, as libFuzzer wants. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
        fuzz_target(data, length);
        return 0;
}
