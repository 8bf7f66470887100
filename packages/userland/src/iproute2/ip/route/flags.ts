import type { Printer } from '../../print/index.ts';

/** RTNH_F_* and RTM_F_* that are shown. Linux include/uapi/linux/rtnetlink.h. */
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'dead'],
  [0x4, 'onlink'],
  [0x2, 'pervasive'],
  [0x8, 'offload'],
  [0x40, 'trap'],
  [0x100, 'notify'],
  [0x10, 'linkdown'],
  [0x20, 'unresolved'],
  [0x4000, 'rt_offload'],
  [0x8000, 'rt_trap'],
  // the same bit as RTCF_MULTICAST, which a look-up has there
  [0x2000_0000, 'rt_offload_failed'],
];

/** Prints the flags of a route or a next hop. Source: iproute2 ip/iproute.c, print_rt_flags(). */
export function printRouteFlags(printer: Printer, flags: number): void {
  printer.openArray('flags');
  for (const [bit, name] of FLAGS) if ((flags & bit) !== 0) printer.item('%s ', name);
  printer.closeArray();
}
