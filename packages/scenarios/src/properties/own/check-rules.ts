import { LabwireError } from '@labwire/core/error';
import { play } from '../simulated.ts';
import type { OwnRules } from './surroundings.ts';

/** Has a router take the rules. @returns what iptables-restore says against them, with the line; undefined if it takes them */
export async function checkRules(own: OwnRules): Promise<string | undefined> {
  const { text, topology } = own;
  try {
    await play({ topology, rules: text, sysctl: {}, router: [], seed: 1, steps: [] });
    return undefined;
  } catch (e) {
    if (!(e instanceof LabwireError)) throw e;
    return e.message;
  }
}
