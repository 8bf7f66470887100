import type { Printer } from '../../print/index.ts';

/** IFF_* in the order in which they are shown. Linux include/uapi/linux/if.h. */
const SHOWN: readonly (readonly [bit: number, name: string])[] = [
  [0x8, 'LOOPBACK'],
  [0x2, 'BROADCAST'],
  [0x10, 'POINTOPOINT'],
  [0x1000, 'MULTICAST'],
  [0x80, 'NOARP'],
  [0x200, 'ALLMULTI'],
  [0x100, 'PROMISC'],
  [0x400, 'MASTER'],
  [0x800, 'SLAVE'],
  [0x4, 'DEBUG'],
  [0x8000, 'DYNAMIC'],
  [0x4000, 'AUTOMEDIA'],
  [0x2000, 'PORTSEL'],
  [0x20, 'NOTRAILERS'],
  [0x1, 'UP'],
  [0x10000, 'LOWER_UP'],
  [0x20000, 'DORMANT'],
  [0x40000, 'ECHO'],
];
const UP = 0x1;
const RUNNING = 0x40;

/**
 * Prints `<BROADCAST,UP,…> `. Source: iproute2 ip/ipaddress.c, print_link_flags().
 * @param peerDown whether the device at the other end, which is in this namespace, is down: M-DOWN
 */
export function printLinkFlags(printer: Printer, flags: number, peerDown: boolean): void {
  let rest = flags;
  printer.openArray('flags', '<');
  const item = (name: string) => printer.item(rest !== 0 ? '%s,' : '%s', name);
  if ((rest & UP) !== 0 && (rest & RUNNING) === 0) item('NO-CARRIER');
  rest &= ~RUNNING;
  for (const [bit, name] of SHOWN) {
    if ((rest & bit) === 0) continue;
    rest &= ~bit;
    item(name);
  }
  if (rest !== 0) printer.item('%s', (rest >>> 0).toString(16));
  if (peerDown) printer.item(',%s', 'M-DOWN');
  printer.closeArray('> ');
}
