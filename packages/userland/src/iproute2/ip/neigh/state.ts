import type { NudState } from '@labwire/devices/rtnetlink';
import { matches, parseUnsigned } from '../../parse/index.ts';

/** NUD_* bits. Linux include/uapi/linux/neighbour.h. */
export const NUD_BITS: Readonly<Record<NudState, number>> = {
  NONE: 0,
  INCOMPLETE: 0x01,
  REACHABLE: 0x02,
  STALE: 0x04,
  DELAY: 0x08,
  PROBE: 0x10,
  FAILED: 0x20,
  NOARP: 0x40,
  PERMANENT: 0x80,
};

/** States that may be shortened, before those that may not. */
const ABBREVIATED: readonly NudState[] = ['PERMANENT', 'REACHABLE', 'FAILED'];

/** Reads a state's name or its bit. Source: iproute2 ip/ipneigh.c, nud_state_a2n(). @returns undefined if it is none */
export function parseNudState(text: string): NudState | undefined {
  const states = Object.keys(NUD_BITS) as NudState[];
  const short = ABBREVIATED.find((s) => matches(text, s.toLowerCase()));
  const exact = short ?? states.find((s) => s.toLowerCase() === text);
  if (exact !== undefined) return exact;
  const bit = parseUnsigned(text);
  return bit === undefined ? undefined : states.find((s) => NUD_BITS[s] === bit);
}
