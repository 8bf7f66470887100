/** Priorities by name. src/rule.c, prio2str(), std_prios[] */
import type { NftBase, NftFamily } from '@labwire/devices/netfilter';

/** Names, with the hooks where they stand for something other than their number. */
const STANDARD: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};

const BRIDGE: Readonly<Record<string, number>> = {
  dstnat: -300,
  filter: -200,
  out: 100,
  srcnat: 300,
};

/** The priorities that have names in a family, on a hook. */
export function namedPriorities(family: NftFamily, hook: string): Readonly<Record<string, number>> {
  if (family === 'bridge') {
    const { dstnat = 0, filter = 0, out = 0, srcnat = 0 } = BRIDGE;
    if (hook === 'prerouting') return { dstnat, filter };
    if (hook === 'output') return { filter, out };
    return hook === 'postrouting' ? { filter, srcnat } : { filter };
  }
  if (family === 'arp' || family === 'netdev' || hook === 'ingress' || hook === 'egress')
    return { filter: 0 };
  const { raw = 0, mangle = 0, dstnat = 0, filter = 0, security = 0, srcnat = 0 } = STANDARD;
  const common = { raw, mangle, filter, security };
  if (hook === 'prerouting') return { ...common, dstnat };
  return hook === 'postrouting' ? { ...common, srcnat } : common;
}

const REACH = 10;

/** A priority as listings show it: by name, or by a name close to it. */
export function priorityText(
  family: NftFamily,
  base: Pick<NftBase, 'hook' | 'priority'>,
  numeric: boolean,
): string {
  const { priority } = base;
  if (numeric) return String(priority);
  const all = family === 'bridge' ? BRIDGE : STANDARD;
  const near = Object.entries(all).find(([, n]) => Math.abs(priority - n) <= REACH);
  if (near === undefined) return String(priority);
  const [name, n] = near;
  if (namedPriorities(family, base.hook)[name] === undefined) return String(priority);
  const off = priority - n;
  return off === 0 ? name : `${name} ${off < 0 ? '-' : '+'} ${Math.abs(off)}`;
}
