import { MS } from '@labwire/core/sim';
import { type Manual, type Process, rowsOf } from '../../machine/index.ts';
import { managerOf } from '../daemon/index.ts';
import { SETTINGS } from '../profile/index.ts';
import { Exit, NmcliError } from './cli-error.ts';
import { type Command, type Context, matchWord, notUnderstood } from './command.ts';
import { connection, connectionManual } from './connection.ts';
import { device, deviceManual } from './device.ts';
import { general, networking, radio } from './general.ts';
import { optionRows, readOptions } from './options.ts';
import { overview } from './overview.ts';
import { OBJECT_USAGE, USAGE } from './usage.ts';

/** What talking to the daemon over D-Bus takes. */
const DBUS_TIME = 20 * MS;

const OBJECTS = {
  general,
  networking,
  radio,
  connection,
  device,
} satisfies Record<string, Command>;

/** Objects that are refused. */
const OTHERS = ['agent', 'monitor'];

/** What nmcli can be told, with the properties of profiles. */
export const nmcliManual = (): Manual => [
  { title: 'Options', rows: optionRows() },
  {
    title: 'Objects',
    rows: [...rowsOf(Object.keys(OBJECTS)), ...rowsOf(OTHERS, { refused: true })],
  },
  connectionManual(),
  deviceManual(),
  ...SETTINGS.map(({ name, properties }) => ({
    title: `Properties of ${name}`,
    rows: properties.map((property) => ({
      names: [`${name}.${property.name}`],
      ...(property.kind === 'fixed' ? { refused: true } : { arg: 'VALUE' }),
    })),
  })),
];

/** nmcli(1). */
export async function nmcli(proc: Process): Promise<number> {
  try {
    return await run(proc);
  } catch (e) {
    if (!(e instanceof NmcliError)) throw e;
    await proc.err(`Error: ${e.message}\n`);
    return e.status;
  }
}

async function run(proc: Process): Promise<number> {
  const [options, words] = readOptions(proc.argv.slice(1));
  if (options.help || words[0] === 'help') return print(proc, USAGE);
  if (options.version) return print(proc, 'nmcli tool, version 1.42.4\n');
  const [object, ...rest] = words;
  const what =
    object === undefined
      ? undefined
      : matchWord(object, Object.keys(OBJECTS) as (keyof typeof OBJECTS)[]);
  if (what !== undefined && rest.some((w) => w === '--help' || w === '-h' || w === 'help'))
    return print(proc, OBJECT_USAGE[what] ?? USAGE);
  await proc.sleep(DBUS_TIME);
  const ctx: Context = {
    proc,
    options,
    manager: () => {
      const manager = managerOf(proc.machine);
      if (manager !== undefined) return manager;
      throw new NmcliError(Exit.notRunning, 'NetworkManager is not running.');
    },
  };
  if (object === undefined) return overview(ctx);
  if (what !== undefined) {
    refuseUsers(proc, what, rest);
    return OBJECTS[what](ctx, rest);
  }
  if (matchWord(object, OTHERS) !== undefined)
    throw new NmcliError(Exit.unknown, `'nmcli ${object}' is not supported by Labwire`);
  throw notUnderstood(object);
}

/** Words behind which nothing changes. */
const READING = ['show', 'status', 'connectivity', 'hostname', 'permissions', 'help', 'all'];

/** polkit lets only root change the system's connections where nobody sits at the machine. @throws NmcliError */
function refuseUsers(proc: Process, object: string, rest: readonly string[]): void {
  const [verb] = rest;
  if (proc.uid === 0 || verb === undefined || matchWord(verb, READING) !== undefined) return;
  const what =
    object === 'connection' && matchWord(verb, ['add']) !== undefined
      ? `Failed to add connection: Insufficient privileges`
      : 'Not authorized to control networking.';
  throw new NmcliError(Exit.unknown, what);
}

async function print(proc: Process, text: string): Promise<number> {
  await proc.out(text);
  return 0;
}
