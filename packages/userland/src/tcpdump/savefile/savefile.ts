import type { Packet } from '../print/index.ts';
import type { TcpdumpError } from '../tcpdump-error.ts';

/** MAXIMUM_SNAPLEN */
export const MAX_SNAPLEN = 262_144;

/** A capture file that was read. */
export interface Savefile {
  readonly linkType: number;
  readonly snaplen: number;
  readonly packets: readonly Packet[];
  /** Why there are no more packets, if not because the file ends. */
  readonly error: TcpdumpError | undefined;
}

/** What a file says that nobody can have meant is taken for the most there may be. pcap_adjust_snapshot() */
export function adjustSnaplen(snaplen: number): number {
  return snaplen === 0 || snaplen > 0x7fff_ffff ? MAX_SNAPLEN : snaplen;
}

const RAW = 101;

/** Numbers that raw IP has in files of some systems. pcap-common.c */
export function knownLinkType(linkType: number): number {
  return linkType === 12 || linkType === 14 ? RAW : linkType;
}
