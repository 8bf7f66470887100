import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addAddr, addRoute, echoRequest, Hosts, ip4 } from '../../../../test/kit/hosts.ts';
import type { Netns } from '../netns/index.ts';
import { setForwarding } from './sysctl/dev-sysctls.ts';

interface Router {
  readonly netns: Netns;
  /** Those beside it, by number, with the address each has on the cable between. */
  readonly beside: Map<number, string>;
}

/** Routers in a tree: the `i`th is below the one `parents[i]` names. Each knows a route to every cable. */
function tree(net: Hosts, parents: readonly number[]): Router[] {
  const make = (): Router => ({ netns: net.host(), beside: new Map() });
  const routers = [make()];
  for (const [i, draw] of parents.entries()) {
    const [child, parent] = [routers.length, draw % routers.length];
    const below = make();
    const above = routers[parent] as Router;
    net.cable(above.netns, `d${i}`, below.netns, 'up');
    addAddr(above.netns, `d${i}`, `10.0.${i}.1/30`);
    addAddr(below.netns, 'up', `10.0.${i}.2/30`);
    above.beside.set(child, `10.0.${i}.2`);
    below.beside.set(parent, `10.0.${i}.1`);
    routers.push(below);
  }
  for (const r of routers) setForwarding(r.netns.ipv4, 1);
  for (const n of routers.keys()) addRoutes(routers, n);
  return routers;
}

/** The way from one router to all others: by number, the first step and the number of steps. */
function ways(routers: readonly Router[], from: number): Map<number, readonly [number, number]> {
  const found = new Map<number, readonly [number, number]>([[from, [from, 0]]]);
  for (const [n, [first, steps]] of found) {
    for (const next of (routers[n] as Router).beside.keys()) {
      if (!found.has(next)) found.set(next, [n === from ? next : first, steps + 1]);
    }
  }
  return found;
}

function addRoutes(routers: readonly Router[], from: number): void {
  const { netns, beside } = routers[from] as Router;
  for (const [n, [first]] of ways(routers, from)) {
    // the cable above the nth router
    if (n === 0 || (from !== n && first === n && routerAbove(routers, n) === from)) continue;
    const cable = `10.0.${n - 1}.0/30`;
    const via = routerAbove(routers, n) === from || from === n ? undefined : beside.get(first);
    if (via !== undefined) addRoute(netns, cable, via);
  }
}

function routerAbove(routers: readonly Router[], n: number): number {
  return [...(routers[n] as Router).beside.keys()].find((m) => m < n) as number;
}

it('brings every ping through any tree of routers and back, less one of TTL for each on the way', () => {
  const draws = fc.array(fc.nat(99), { minLength: 1, maxLength: 12 });
  const property = fc.property(draws, fc.nat(99), fc.nat(99), (parents, x, y) => {
    const net = new Hosts();
    const routers = tree(net, parents);
    const from = x % routers.length;
    const to = 1 + (y % (routers.length - 1));
    const steps = ways(routers, from).get(to)?.[1] as number;
    const addr = ip4(`10.0.${to - 1}.2`);
    const ping = (routers[from] as Router).netns.ipv4.openPing();
    ping.send(echoRequest(7), { addr, port: 0 });
    net.run(2);
    const ttl = 64 - Math.max(0, steps - 1);
    expect(ping.recv(100)).toMatchObject({ from: { addr }, ttl });
    // it is spent one router short of the end
    if (steps < 2) return;
    ping.ttl = steps - 1;
    ping.recvErr = true;
    ping.send(echoRequest(8), { addr, port: 0 });
    net.run(2);
    expect(ping.errorQueue).toMatchObject([{ errno: 'EHOSTUNREACH', type: 11 }]);
  });
  fc.assert(property, { numRuns: 60 });
});
