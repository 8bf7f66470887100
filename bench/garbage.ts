import { bridges, type Chain, routers } from './chain.ts';
import type { Figure } from './figure.ts';
import { median } from './measure.ts';
import { natChain } from './nat.ts';

/** Runs a chain with a young generation that is never full, and looks at how much of it was filled. */
function bytesPerPacket(chain: Chain): number {
  const forward = chain.forwarding();
  for (let i = 0; i < 4; i++) forward();
  const rounds = Array.from({ length: 5 }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    forward();
    return (process.memoryUsage().heapUsed - before) / chain.ops;
  });
  return median(rounds);
}

/** What one more hop allocates: the difference between a long and a short chain, so that the ends do not count. */
function bytesPerHop(make: (n: number) => Chain): number {
  return (bytesPerPacket(make(25)) - bytesPerPacket(make(9))) / 16;
}

/** P21: heap bytes per forwarded packet, once everything is warm. */
export function measureGarbage(): Figure[] {
  const base = { id: 'P21', unit: 'B', goal: 2, against: 'absolute goal' };
  return [
    { ...base, what: 'heap bytes per packet and router', value: bytesPerHop(routers) },
    { ...base, what: 'heap bytes per packet and bridge', value: bytesPerHop(bridges) },
    {
      ...base,
      what: 'heap bytes per packet through bridge, masquerading router with 10 rules and bridge',
      value: bytesPerPacket(natChain(10).chain),
    },
  ];
}
