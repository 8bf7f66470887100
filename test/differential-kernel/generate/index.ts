import type { Case, Family, ListenSpec } from '../model/case.ts';
import { Dice } from './dice.ts';
import { IPV4_PACKETS } from './packets4.ts';
import { IPV6_PACKETS } from './packets6.ts';
import { ruleTables } from './rules.ts';
import { Traffic } from './traffic.ts';
import { ipv4World } from './world.ts';
import { ipv6World } from './world6.ts';

/** The case of a family, a seed and a number. */
export function generate(seed: number, number: number, family: Family = 'inet'): Case {
  const v6 = family === 'inet6';
  const dice = (what: string): Dice => new Dice(seed, `${what} ${number}${v6 ? ' inet6' : ''}`);
  const world = v6 ? ipv6World(dice('world')) : ipv4World(dice('world'));
  const tables = ruleTables(dice('rules'), world);
  // whether the kernel keeps DF on the pieces of a TEE'd packet depends on who else holds its memory
  const tees = Object.values(tables).some((t) => t.rules.some((r) => r.includes('-j TEE')));
  const redirects = world.sysctls.some(([n, v]) => n.endsWith('send_redirects') && v === '1');
  const packets = v6 ? IPV6_PACKETS : IPV4_PACKETS;
  return {
    seed: number,
    family,
    devices: world.devices,
    ip: world.ip,
    sysctls: world.sysctls,
    tables,
    sockets: sockets(dice('sockets'), family),
    // how many redirects a host is sent in a while, real time decides
    steps: new Traffic(dice('traffic'), world, packets, tees)
      .steps()
      .slice(0, redirects ? 2 : undefined),
  };
}

function sockets(dice: Dice, family: Family): ListenSpec[] {
  const all: ListenSpec[] = [];
  if (dice.chance(0.5)) all.push({ family, protocol: 'udp', port: dice.pick([53, 123, 5000]) });
  if (dice.chance(0.5)) all.push({ family, protocol: 'tcp', port: dice.pick([80, 443, 8080]) });
  return all;
}
