export { QemuGuest } from './qemu-guest.ts';
export { QemuHypervisor } from './qemu-hypervisor.ts';
export { type ConsolePath, consolePaths } from './run-dir.ts';
export { type Viewer, withoutWipes } from './shared-console.ts';
