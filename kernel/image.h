/* image.h - the edges of the kernel's image, as linker.ld defines them. */
#pragma once

#include "kernel/cpu/address.h"

extern char kernel_image_start[];
extern char kernel_text_start[], kernel_text_end[];
extern char kernel_rodata_start[], kernel_rodata_end[];
extern char kernel_data_start[], kernel_bss_start[];
extern char kernel_image_end[];

#define KERNEL_IMAGE_START_PHYSICAL __pa(kernel_image_start)
#define KERNEL_IMAGE_END_PHYSICAL __pa(kernel_image_end)
