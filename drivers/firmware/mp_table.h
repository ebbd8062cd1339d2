/* mp_table.h - CPUs and interrupt wiring by the MP table, which is older than ACPI. */
#pragma once

#include "drivers/firmware/topology_build.h"

/*
 * mp_table_read_topology - find the MP floating pointer, and build from the configuration table it
 * points to, or from the default configuration it names.
 *
 * Returns: false when there is none that can be trusted; what was built is then of no use.
 * Context: boot.
 */
bool mp_table_read_topology(struct topology_builder *builder);
