import type { Bits, Dissector } from '../base/index.ts';

/** Flags of a configuration message. IEEE 802.1D-2004 section 9.3.3 */
export const STP_FLAGS: Bits = [
  [0x01, 'Topology change'],
  [0x02, 'Proposal'],
  [0x10, 'Learn'],
  [0x20, 'Forward'],
  [0x40, 'Agreement'],
  [0x80, 'Topology change ACK'],
];
const ROLES: readonly string[] = ['Unknown', 'Alternate', 'Root', 'Designated'];

/** `8000.02:00:00:00:00:01` */
export function bridgeId(d: Dissector, off: number): string {
  return `${d.hex(off, 2)}.${d.lladdr(off + 2, 6)}`;
}

/** The role that is in the flags. */
export function portRole(flags: number): string {
  return ROLES[(flags >> 2) & 3] as string;
}

/** Times are in units of 1/256 s. */
function seconds(d: Dissector, off: number): string {
  return `${(d.u16(off) / 256).toFixed(2)}s`;
}

/** The four times of a message. */
export function timesPrint(d: Dissector, off: number): void {
  d.print(
    `\n\tmessage-age ${seconds(d, off + 27)}, max-age ${seconds(d, off + 29)}, hello-time ${seconds(d, off + 31)}, forwarding-delay ${seconds(d, off + 33)}`,
  );
}
