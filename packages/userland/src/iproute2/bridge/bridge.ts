import type { Process } from '../../machine/index.ts';
import { type Context, parseOptions, runBatch, runTool } from '../context/index.ts';
import { type Args, Exit, Failure, matches, unsupported } from '../parse/index.ts';
import { bridgeFdb } from './fdb.ts';
import { bridgeLink } from './link.ts';
import { bridgeMdb } from './mdb.ts';
import { type BatchFile, bridgeOptions } from './options.ts';
import { BRIDGE_USAGE } from './usage.ts';
import { bridgeVlan } from './vlan.ts';

/** The objects, in the order in which an abbreviation is looked up. Source: iproute2 bridge/bridge.c, cmds[]. */
const OBJECTS: readonly (readonly [
  name: string,
  run: (ctx: Context, words: readonly string[]) => number,
])[] = [
  ['link', bridgeLink],
  ['fdb', bridgeFdb],
  ['mdb', bridgeMdb],
  ['vlan', bridgeVlan],
  [
    'monitor',
    () => {
      throw unsupported('bridge monitor', 'link, fdb, mdb, vlan');
    },
  ],
  [
    'help',
    () => {
      throw new Exit(255, BRIDGE_USAGE);
    },
  ],
];

/** A command's failure is its negative return value, which the exit status shows in eight bits. */
function negate(status: number): number {
  return (256 - status) & 255;
}

async function runObject(ctx: Context, words: readonly string[]): Promise<number> {
  const [object = '', ...rest] = words;
  const run = OBJECTS.find(([name]) => matches(object, name))?.[1];
  if (run === undefined) throw new Exit(255, `Object "${object}" is unknown, try "bridge help".\n`);
  return run(ctx, rest);
}

async function main(ctx: Context, args: Args): Promise<number> {
  const batch: BatchFile = { name: undefined };
  parseOptions(ctx, args, bridgeOptions(batch), 'bridge help');
  if (batch.name !== undefined) return runBatch(ctx, batch.name, (words) => runObject(ctx, words));
  if (args.done) throw new Exit(255, BRIDGE_USAGE);
  try {
    return await runObject(ctx, args.rest());
  } catch (e) {
    throw e instanceof Failure ? new Failure(negate(e.status), e.text) : e;
  }
}

/** bridge(8) */
export function bridge(proc: Process): Promise<number> {
  return runTool(proc, main);
}
