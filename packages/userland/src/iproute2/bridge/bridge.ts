import type { Manual, Process } from '../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  optionRows,
  parseOptions,
  refusedCommands,
  runBatch,
  runCommand,
  runTool,
} from '../context/index.ts';
import { type Args, Exit, Failure, unsupported } from '../parse/index.ts';
import { bridgeFdb, fdbManual } from './fdb.ts';
import { bridgeLink, linkManual } from './link.ts';
import { bridgeMdb, mdbManual } from './mdb.ts';
import { type BatchFile, bridgeOptions } from './options.ts';
import { BRIDGE_USAGE } from './usage.ts';
import { bridgeVlan, vlanManual } from './vlan.ts';

function help(): never {
  throw new Exit(255, BRIDGE_USAGE);
}

/** The objects, in the order in which an abbreviation is looked up. Source: iproute2 bridge/bridge.c, cmds[]. */
const OBJECTS: CommandSet = {
  name: 'bridge',
  bare: help,
  commands: [
    ...commands('link', bridgeLink),
    ...commands('fdb', bridgeFdb),
    ...commands('mdb', bridgeMdb),
    ...commands('vlan', bridgeVlan),
    ...refusedCommands('monitor', () => unsupported('bridge monitor', 'link, fdb, mdb, vlan')),
    ...commands('help', help),
  ],
  unknown: (object) => new Exit(255, `Object "${object}" is unknown, try "bridge help".\n`),
};

/** A command's failure is its negative return value, which the exit status shows in eight bits. */
function negate(status: number): number {
  return (256 - status) & 255;
}

async function main(ctx: Context, args: Args): Promise<number> {
  const batch: BatchFile = { name: undefined };
  parseOptions(ctx, args, bridgeOptions(batch), 'bridge help');
  if (batch.name !== undefined)
    return runBatch(ctx, batch.name, async (words) => runCommand(ctx, OBJECTS, words));
  if (args.done) throw new Exit(255, BRIDGE_USAGE);
  try {
    return await runCommand(ctx, OBJECTS, args.rest());
  } catch (e) {
    throw e instanceof Failure ? new Failure(negate(e.status), e.text) : e;
  }
}

/** What bridge can be told. */
export const bridgeManual = (): Manual => [
  { title: 'Options', rows: optionRows(bridgeOptions({ name: undefined })) },
  { ...commandSection(OBJECTS), title: 'Objects' },
  ...linkManual(),
  ...fdbManual(),
  ...mdbManual(),
  ...vlanManual(),
];

/** bridge(8) */
export function bridge(proc: Process): Promise<number> {
  return runTool(proc, main);
}
