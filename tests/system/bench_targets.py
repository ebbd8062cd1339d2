"""
What each row of the benchmark may cost at most, in executed instructions under --icount 0.

Only the rows listed here are judged; a row of the benchmark that is not here is for information.
"""

TARGETS = {
    "page0": 60,
    "page0_high": 60,
    "page0_dma": 60,
    "page0_atomic": 60,
    "page3": 150,
    "page9": 300,
    "page10": 300,
    "page0_row_alloc": 100,
    "page0_row_free": 100,
    "page0_row_free_random": 100,
    "percpu_inc": 1,
    "percpu_get": 6,
    "percpu_alloc": 300,
    "boot_prompt": 60_000_000,
}
