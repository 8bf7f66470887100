import type { AddrInfo } from '@labwire/devices/rtnetlink';
import type { Printer } from '../../print/index.ts';

/** One flag of an address. */
export interface AddrFlag {
  readonly name: string;
  /** IFA_F_*. Linux include/uapi/linux/if_addr.h. */
  readonly bit: number;
  /** Whether the kernel alone sets it. */
  readonly readOnly: boolean;
  readonly v6Only: boolean;
}

/** IFA_F_SECONDARY, which is IFA_F_TEMPORARY for IPv6. */
export const IFA_F_SECONDARY = 0x01;
export const IFA_F_DEPRECATED = 0x20;
const IFA_F_PERMANENT = 0x80;

function flag(name: string, bit: number, readOnly: boolean, v6Only: boolean): AddrFlag {
  return { name, bit, readOnly, v6Only };
}

/** The flags in the order in which they are shown. Source: iproute2 ip/ipaddress.c, ifa_flag_data[]. */
export const ADDR_FLAGS: readonly AddrFlag[] = [
  flag('secondary', IFA_F_SECONDARY, true, false),
  flag('temporary', IFA_F_SECONDARY, true, false),
  flag('nodad', 0x02, false, true),
  flag('optimistic', 0x04, false, true),
  flag('dadfailed', 0x08, true, true),
  flag('home', 0x10, false, true),
  flag('deprecated', IFA_F_DEPRECATED, true, true),
  flag('tentative', 0x40, true, true),
  flag('permanent', IFA_F_PERMANENT, true, true),
  flag('mngtmpaddr', 0x100, false, true),
  flag('noprefixroute', 0x200, false, false),
  flag('autojoin', 0x400, false, false),
  flag('stable-privacy', 0x800, true, true),
];

/** Prints the flags of an address, each followed by a space. Source: ip/ipaddress.c, print_ifa_flags(). */
export function printAddrFlags(printer: Printer, addr: AddrInfo): void {
  let rest = addr.flags;
  for (const { name, bit } of ADDR_FLAGS) {
    const set = (rest & bit) !== 0;
    if (bit === IFA_F_PERMANENT && !set) printer.flag('dynamic', 'dynamic ');
    else if (set && bit === IFA_F_SECONDARY && addr.family === 'inet6')
      printer.flag('temporary', 'temporary ');
    else if (set && bit !== IFA_F_PERMANENT) printer.flag(name, `${name} `);
    rest &= ~bit;
  }
  const hex = rest.toString(16).padStart(2, '0');
  if (rest !== 0) printer.field('ifa_flags', 'flags %s ', hex);
}
