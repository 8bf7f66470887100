import { get16, put16 } from '../bytes/index.ts';
import type { DropReason } from '../skb/index.ts';

/*
 * IEEE 802.1Q section 9.6, what follows an Ethernet header of type 0x8100 or 0x88a8
 * (Linux include/linux/if_vlan.h, struct vlan_hdr):
 *
 *   0   3 4            16              32
 *   +---+-+------------+---------------+
 *   |PCP|D|    VID     |     type      |
 *   +---+-+------------+---------------+
 */

/** Offsets of the fields of a VLAN tag. */
export const VlanOff = { tci: 0, type: 2 } as const;
/** Bytes of a VLAN tag. */
export const VLAN_HLEN = 4;
/** The largest VLAN identifier that may be used: 0xfff is reserved. */
export const VLAN_VID_MAX = 4094;

/** Rejects what has no room for the tag. */
export function checkVlan(_buf: Uint8Array, off: number, end: number): DropReason | undefined {
  return end - off < VLAN_HLEN ? 'hdr_trunc' : undefined;
}

/** The VLAN identifier of a tag. */
export function tciVid(tci: number): number {
  return tci & 0x0fff;
}

/** The priority of a tag, 0 to 7. */
export function tciPcp(tci: number): number {
  return (tci >>> 13) & 7;
}

/** A VLAN tag as a record. */
export interface VlanFields {
  /** Priority code point, 0 to 7. */
  readonly pcp: number;
  /** Drop eligible. */
  readonly dei: boolean;
  /** VLAN identifier, 0 to 4095. */
  readonly vid: number;
  /** EtherType of what follows. */
  readonly type: number;
}

/** The tag control information that holds a priority and a VLAN. */
export function makeTci(pcp: number, dei: boolean, vid: number): number {
  return (pcp << 13) | (dei ? 0x1000 : 0) | (vid & 0x0fff);
}

/** Reads a checked tag. */
export function readVlan(buf: Uint8Array, off: number): VlanFields {
  const tci = get16(buf, off + VlanOff.tci);
  return {
    pcp: tciPcp(tci),
    dei: (tci & 0x1000) !== 0,
    vid: tciVid(tci),
    type: get16(buf, off + VlanOff.type),
  };
}

/** Writes a tag: {@link VLAN_HLEN} bytes. */
export function writeVlan(buf: Uint8Array, off: number, f: VlanFields): void {
  put16(buf, off + VlanOff.tci, makeTci(f.pcp, f.dei, f.vid));
  put16(buf, off + VlanOff.type, f.type);
}
