/* ram.c - physical memory as a sparse file, the kernel's addresses as one reserved region. */
#define _GNU_SOURCE
#include "tests/host/ram.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/bits.h"
#include "lib/compiler.h"

unsigned long host_page_offset;

static int memory_file = -1;

/* End the program: the build machine does not give what is needed. */
static void __noreturn give_up(const char *what)
{
        perror(what);
        exit(EXIT_FAILURE);
}

/* Reserve addresses for the window, aligned as the kernel's gigabyte is. */
static void reserve_window(void)
{
        size_t bytes = 2 * RAM_WINDOW_BYTES - PAGE_SIZE;
        void *region = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                            -1, 0);

        if (region == MAP_FAILED)
                give_up("mmap of the kernel's gigabyte");
        unsigned long start = (unsigned long)region;
        host_page_offset = ROUND_UP(start, RAM_WINDOW_BYTES);
        if (start < host_page_offset)
                munmap(region, host_page_offset - start);
        unsigned long end = host_page_offset + RAM_WINDOW_BYTES;
        if (end < start + bytes)
                munmap((void *)end, start + bytes - end);
}

void ram_start(void)
{
        if (!host_page_offset)
                reserve_window();
        else
                ram_unmap(host_page_offset, RAM_WINDOW_BYTES);
        if (memory_file >= 0)
                close(memory_file);
        memory_file = memfd_create("physical memory", MFD_CLOEXEC);
        if (memory_file < 0 || ftruncate(memory_file, (off_t)RAM_END_ADDRESS))
                give_up("memfd_create");
}

void ram_read(phys_addr_t address, void *buffer, size_t bytes)
{
        if (pread(memory_file, buffer, bytes, (off_t)address) != (ssize_t)bytes)
                give_up("read of physical memory");
}

void ram_write(phys_addr_t address, const void *buffer, size_t bytes)
{
        if (pwrite(memory_file, buffer, bytes, (off_t)address) != (ssize_t)bytes)
                give_up("write of physical memory");
}

void ram_map(unsigned long address, phys_addr_t physical, size_t bytes, bool writable)
{
        int protection = PROT_READ | (writable ? PROT_WRITE : 0);

        if (mmap((void *)address, bytes, protection, MAP_SHARED | MAP_FIXED, memory_file,
                 (off_t)physical) == MAP_FAILED)
                give_up("mmap of physical memory");
}

void ram_unmap(unsigned long address, size_t bytes)
{
        if (mmap((void *)address, bytes, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
                give_up("mmap of an empty page");
}

phys_addr_t ram_next_touched(phys_addr_t address)
{
        off_t found = lseek(memory_file, (off_t)address, SEEK_DATA);

        if (found < 0 && errno == ENXIO)
                return RAM_NONE;
        if (found < 0)
                give_up("lseek of physical memory");
        return (phys_addr_t)found;
}
