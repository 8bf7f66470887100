import type { LinkInfo } from '@labwire/devices/rtnetlink';

/** Which devices are shown; an absent criterion lets all pass. */
export interface LinkFilter {
  readonly ifindex?: number;
  readonly up?: boolean;
  readonly group?: number;
  /** -1: those that have none, which the kernel alone knows to sort out, and only for `type` and `master` given. */
  readonly master?: number;
  readonly kind?: string;
  readonly slaveKind?: string;
}

/** Whether a device is shown. Source: iproute2 ip/ipaddress.c, print_linkinfo(); Linux net/core/rtnetlink.c, link_master_filtered(). */
export function passesLinkFilter(link: LinkInfo, filter: LinkFilter): boolean {
  if (filter.ifindex !== undefined && link.ifindex !== filter.ifindex) return false;
  if (filter.up === true && (link.flags & 1) === 0) return false;
  if (filter.group !== undefined && link.group !== filter.group) return false;
  if (filter.master === -1 && link.masterIfindex !== undefined) return false;
  if (filter.master !== undefined && filter.master > 0 && link.masterIfindex !== filter.master)
    return false;
  if (filter.kind !== undefined && link.kind !== filter.kind) return false;
  return filter.slaveKind === undefined || link.slaveKind === filter.slaveKind;
}
