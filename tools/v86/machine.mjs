/*
 * One run of the v86 machine: boots a multiboot kernel under node and copies its serial line to the
 * standard output. tools/run-v86 starts this and reads the exit status:
 *
 *      (V << 1) | 1    the guest wrote V to port 0xf4, as with QEMU's isa-debug-exit device
 *      10              the guest reset the machine
 *      12              the CPU could not deliver a fault, where v86 gives up
 *      1               v86 or node failed
 *
 * The only argument is a JSON object: package (folder of the v86 package), bios, vgaBios, kernel
 * and initrd (files; initrd may be empty), commandLine, memoryBytes, acpi.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const DEBUG_EXIT_PORT = 0xf4;
const STATUS_RESET = 10;
const STATUS_CPU_GAVE_UP = 12;
const FLUSH_MILLISECONDS = 20;

const options = JSON.parse(process.argv[2]);
let pending = [];

/* Hand on what the serial line has said since the last time. */
function flush() {
    if (pending.length) {
        process.stdout.write(Buffer.from(pending));
    }
    pending = [];
}

/* End this run, and nothing of the output is lost: writing to a pipe or a file does not wait. */
function leave(status) {
    flush();
    process.exit(status);
}

/* A file in the form that v86 takes; undefined when there is none. */
function image(path) {
    if (!path) {
        return undefined;
    }
    const bytes = readFileSync(path);
    return { buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) };
}

/* Listen to the port through which the guest says how it went, and to resets. */
function watch(cpu) {
    const say = (value) => leave(((value & 0xff) << 1) | 1);
    cpu.io.register_write(DEBUG_EXIT_PORT, null, say, say, say);
    cpu.reboot_internal = () => leave(STATUS_RESET);
}

console.log = console.error;
process.on("uncaughtException", (error) => {
    console.error(`v86: ${error}`);
    leave(error instanceof WebAssembly.RuntimeError ? STATUS_CPU_GAVE_UP : 1);
});

const { V86 } = await import(pathToFileURL(join(options.package, "build/libv86.mjs")));
const emulator = new V86({
    wasm_path: join(options.package, "build/v86.wasm"),
    bios: image(options.bios),
    vga_bios: image(options.vgaBios),
    multiboot: image(options.kernel),
    initrd: image(options.initrd),
    cmdline: options.commandLine,
    memory_size: options.memoryBytes,
    acpi: options.acpi,
    disable_speaker: true,
    autostart: true,
});
emulator.add_listener("emulator-loaded", () => watch(emulator.v86.cpu));
emulator.add_listener("serial0-output-byte", (byte) => pending.push(byte));
setInterval(flush, FLUSH_MILLISECONDS);
