/*
 * stop.h - running a function while no other CPU does anything: for looking at structures that
 * belong to all of them.
 */
#pragma once

/*
 * stop_machine - let every other online CPU stand still with interrupts off, run call(argument)
 * here with interrupts off, and let them go on.
 *
 * The others are stopped where they take interrupts. So what a CPU changes with interrupts off is
 * never found half changed, and no lock is held that is taken with interrupts off; but a task or
 * softirq may have been stopped between any two other instructions.
 *
 * Context: task, interrupts on, no spin lock held. In a panic, when nobody answers any more, and
 * on a single CPU, any: it only turns interrupts off. call may not stop the machine again.
 *
 * Source: Linux, for the name.
 */
void stop_machine(void (*call)(void *argument), void *argument);
