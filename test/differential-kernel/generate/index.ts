import type { Case, ListenSpec } from '../model/case.ts';
import { Dice } from './dice.ts';
import { ruleTables } from './rules.ts';
import { Traffic } from './traffic.ts';
import { ipv4World } from './world.ts';

/** The case of a seed and a number. */
export function generate(seed: number, number: number): Case {
  const dice = (what: string): Dice => new Dice(seed, `${what} ${number}`);
  const world = ipv4World(dice('world'));
  const tables = ruleTables(dice('rules'), world);
  // whether the kernel keeps DF on the pieces of a TEE'd packet depends on who else holds its memory
  const tees = Object.values(tables).some((t) => t.rules.some((r) => r.includes('-j TEE')));
  const redirects = world.sysctls.some(([n, v]) => n.endsWith('send_redirects') && v === '1');
  return {
    seed: number,
    family: 'inet',
    devices: world.devices,
    ip: world.ip,
    sysctls: world.sysctls,
    tables,
    sockets: sockets(dice('sockets')),
    // how many redirects a host is sent in a while, real time decides
    steps: new Traffic(dice('traffic'), world, tees).steps().slice(0, redirects ? 2 : undefined),
  };
}

function sockets(dice: Dice): ListenSpec[] {
  const all: ListenSpec[] = [];
  if (dice.chance(0.5))
    all.push({ family: 'inet', protocol: 'udp', port: dice.pick([53, 123, 5000]) });
  if (dice.chance(0.5))
    all.push({ family: 'inet', protocol: 'tcp', port: dice.pick([80, 443, 8080]) });
  return all;
}
