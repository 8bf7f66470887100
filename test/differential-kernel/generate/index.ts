import type { Case, ListenSpec } from '../model/case.ts';
import { Dice } from './dice.ts';
import { ruleTables } from './rules.ts';
import { Traffic } from './traffic.ts';
import { ipv4World } from './world.ts';

/** The case of a seed and a number. */
export function generate(seed: number, number: number): Case {
  const dice = (what: string): Dice => new Dice(seed, `${what} ${number}`);
  const world = ipv4World(dice('world'));
  return {
    seed: number,
    family: 'inet',
    devices: world.devices,
    ip: world.ip,
    sysctls: world.sysctls,
    tables: ruleTables(dice('rules'), world),
    sockets: sockets(dice('sockets')),
    steps: new Traffic(dice('traffic'), world).steps(),
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
