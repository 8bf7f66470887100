import type { Machine } from '../machine.ts';
import { CLASS_NET } from './class-net.ts';

/** Fills /sys, as far as it concerns the network. */
export function mountSys(machine: Machine): void {
  machine.fs.addVirtual('/sys/class/net', CLASS_NET);
}
