/* acpi.h - CPUs and interrupt wiring by ACPI's Multiple APIC Description Table, the MADT. */
#pragma once

#include "drivers/firmware/topology_build.h"

/*
 * acpi_read_topology - follow RSDP, then XSDT or RSDT, to the MADT, and build from it.
 *
 * Returns: false when there is no MADT that can be trusted; what was built is then of no use.
 * Context: boot.
 */
bool acpi_read_topology(struct topology_builder *builder);
