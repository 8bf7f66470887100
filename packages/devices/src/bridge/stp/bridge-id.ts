import { MAC_ZERO, type MacAddr } from '@labwire/core/addr';

/** Priority and address of a bridge: the lowest in a tree becomes its root. IEEE 802.1D-1998 section 9.2.5. */
export interface BridgeId {
  readonly prio: number;
  readonly addr: MacAddr;
}

/** What a new bridge has: the middle priority, and no address before it has ports. */
export const NEW_BRIDGE_ID: BridgeId = Object.freeze({ prio: 0x8000, addr: MAC_ZERO });

/** Below 0 if `a` is better (lower), 0 if equal, above 0 if worse. */
export function compareIds(a: BridgeId, b: BridgeId): number {
  return a.prio - b.prio || a.addr - b.addr;
}

/** Whether two ids are equal. */
export function sameId(a: BridgeId, b: BridgeId): boolean {
  return compareIds(a, b) === 0;
}
