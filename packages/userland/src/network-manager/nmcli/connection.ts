import { type ManualSection, rowsOf } from '../../machine/index.ts';
import {
  type ActiveConnection,
  DeviceState,
  type NetworkManager,
  type NmDevice,
  NmError,
} from '../daemon/index.ts';
import type { Profile } from '../profile/index.ts';
import { add } from './add.ts';
import { Exit, NmcliError } from './cli-error.ts';
import { type Command, type Context, matchWord, notUnderstood, waitUntil } from './command.ts';
import { selectProfile, showConnections } from './connection-show.ts';
import { modifyProfile } from './modify.ts';

/** How long `up` and `down` wait, in seconds, unless -w says so. */
const UP_WAIT = 90;
const DOWN_WAIT = 10;
/** Devices whose ports activate them. */
const MASTERS = ['bridge', 'bond'];

/** `nmcli connection up` */
const up: Command = async (ctx, words) => {
  const manager = ctx.manager();
  const { profile, dev } = upTarget(manager, words);
  const active = activate(manager, profile, dev);
  const { device } = active;
  const waits = () =>
    MASTERS.includes(device.type) &&
    device.active === active &&
    device.state >= DeviceState.ipConfig;
  const seconds = ctx.options.wait ?? UP_WAIT;
  const done = await waitUntil(
    ctx,
    manager,
    seconds,
    () => active.state !== 'activating' || waits(),
  );
  if (!done) throw new NmcliError(Exit.timeout, `Timeout expired (${seconds} seconds)`);
  if (active.state === 'deactivated') return failed(ctx, profile, device, active.failure);
  const note = active.state === 'activating' ? ' (master waiting for slaves)' : '';
  await ctx.proc.out(
    `Connection successfully activated${note} (D-Bus active path: ${active.path})\n`,
  );
  return 0;
};

async function failed(
  ctx: Context,
  profile: Profile,
  dev: NmDevice,
  why: string | undefined,
): Promise<number> {
  await ctx.proc.err(
    `Error: Connection activation failed: ${why ?? 'Unknown error'}\nHint: use 'journalctl -xe NM_CONNECTION=${profile.uuid} + NM_DEVICE=${dev.name}' to get more details.\n`,
  );
  return Exit.activation;
}

/** What is to be activated, and where. @throws NmcliError */
function upTarget(
  manager: NetworkManager,
  words: readonly string[],
): { profile: Profile; dev: NmDevice | undefined } {
  if (words.length === 0)
    throw new NmcliError(Exit.notFound, 'neither a valid connection nor device given.');
  const named = words[0] === 'ifname' ? undefined : selectProfile(manager, words);
  if (named !== undefined && named.profile === undefined)
    throw new NmcliError(Exit.notFound, `unknown connection '${named.word}'.`);
  const rest = named === undefined ? words : words.slice(named.next);
  let dev: NmDevice | undefined;
  for (let i = 0; i < rest.length; i += 2) {
    const [word, value] = [rest[i] as string, rest[i + 1]];
    if (value === undefined) throw new NmcliError(Exit.userInput, `'${word}' argument is missing.`);
    if (word !== 'ifname')
      throw new NmcliError(Exit.userInput, `invalid extra argument '${word}'.`);
    dev = manager.device(value);
    if (dev === undefined) throw new NmcliError(Exit.notFound, `device '${value}' not found.`);
  }
  const profile = named?.profile ?? bestFor(manager, dev as NmDevice);
  if (dev !== undefined && !manager.fits(profile, dev))
    throw new NmcliError(
      Exit.activation,
      `device '${dev.name}' not compatible with connection '${profile.id}': The interface names of the device and the connection didn't match.`,
    );
  return { profile, dev };
}

function bestFor(manager: NetworkManager, dev: NmDevice): Profile {
  const fitting = manager.store.profiles.filter((p) => manager.fits(p, dev) && !p.external);
  const best = fitting.sort((a, b) => b.timestamp - a.timestamp)[0];
  if (best === undefined)
    throw new NmcliError(
      Exit.notFound,
      `device '${dev.name}' not compatible with any connection profiles.`,
    );
  return best;
}

function activate(manager: NetworkManager, profile: Profile, dev: NmDevice | undefined) {
  try {
    return manager.activate(profile, dev);
  } catch (e) {
    if (!(e instanceof NmError)) throw e;
    throw new NmcliError(Exit.activation, `Connection activation failed: ${e.message}`);
  }
}

/** `nmcli connection down` */
const down: Command = async (ctx, words) => {
  const manager = ctx.manager();
  if (words.length === 0) throw new NmcliError(Exit.userInput, 'No connection specified.');
  const found: ActiveConnection[] = [];
  let status = 0;
  for (let at = 0; at < words.length; ) {
    const { profile, word, next } = selectProfile(manager, words, at);
    at = next;
    const active = profile === undefined ? undefined : manager.activeOf(profile);
    if (active === undefined) {
      await ctx.proc.err(`Error: '${word}' is not an active connection.\n`);
      status = Exit.notFound;
    } else if (!found.includes(active)) found.push(active);
  }
  if (found.length === 0) throw new NmcliError(Exit.notFound, 'no active connection provided.');
  for (const active of found) {
    manager.deactivate(active, true);
    await waitUntil(
      ctx,
      manager,
      ctx.options.wait ?? DOWN_WAIT,
      () => active.state === 'deactivated',
    );
    await ctx.proc.out(
      `Connection '${active.profile.id}' successfully deactivated (D-Bus active path: ${active.path})\n`,
    );
  }
  return status;
};

/** `nmcli connection delete` */
const remove: Command = async (ctx, words) => {
  const manager = ctx.manager();
  if (words.length === 0) throw new NmcliError(Exit.notFound, 'No connection specified.');
  const unknown: string[] = [];
  const found: Profile[] = [];
  for (let at = 0; at < words.length; ) {
    const { profile, word, next } = selectProfile(manager, words, at);
    at = next;
    if (profile === undefined) {
      await ctx.proc.err(`Error: unknown connection '${word}'.\n`);
      unknown.push(word);
    } else {
      const same = manager.store.profiles.filter((p) => p === profile || p.id === word);
      found.push(...same.filter((p) => !found.includes(p)));
    }
  }
  for (const profile of found) {
    manager.remove(profile);
    await ctx.proc.out(`Connection '${profile.id}' (${profile.uuid}) successfully deleted.\n`);
  }
  if (unknown.length === 0) return 0;
  const names = unknown.map((n) => `'${n}'`).join(', ');
  throw new NmcliError(Exit.notFound, `cannot delete unknown connection(s): ${names}.`);
};

/** `nmcli connection modify` */
const modify: Command = async (ctx, words) => {
  const manager = ctx.manager();
  const rest = words[0] === '--temporary' ? words.slice(1) : words;
  if (rest.length === 0) throw new NmcliError(Exit.userInput, 'No connection specified.');
  const { profile, word, next } = selectProfile(manager, rest);
  if (profile === undefined) throw new NmcliError(Exit.notFound, `unknown connection '${word}'.`);
  const changed = profile.copy();
  modifyProfile(changed, rest.slice(next));
  try {
    manager.update(profile, changed);
  } catch (e) {
    if (!(e instanceof NmError)) throw e;
    throw new NmcliError(Exit.unknown, `Failed to modify connection '${profile.id}': ${e.message}`);
  }
  return 0;
};

/** `nmcli connection clone` */
const clone: Command = async (ctx, words) => {
  const manager = ctx.manager();
  const rest = words[0] === '--temporary' ? words.slice(1) : words;
  if (rest.length === 0) throw new NmcliError(Exit.userInput, 'No connection specified.');
  const { profile, word, next } = selectProfile(manager, rest);
  if (profile === undefined) throw new NmcliError(Exit.notFound, `unknown connection '${word}'.`);
  const name = rest[next];
  if (name === undefined) throw new NmcliError(Exit.userInput, `<new name> argument is missing.`);
  const copy = profile.clone(name, manager.store.newUuid());
  manager.add(copy);
  await ctx.proc.out(`${profile.id} (${profile.uuid}) cloned as ${copy.id} (${copy.uuid}).\n`);
  return 0;
};

/** `nmcli connection reload` */
const reload: Command = async (ctx) => {
  const manager = ctx.manager();
  for (const gone of manager.store.reload()) {
    const active = manager.activeOf(gone);
    if (active !== undefined) manager.deactivate(active, false);
  }
  manager.autoActivate();
  return 0;
};

/** `nmcli connection load` */
const load: Command = async (ctx, words) => {
  const manager = ctx.manager();
  if (words.length === 0) throw new NmcliError(Exit.userInput, 'No connection specified.');
  for (const word of words) {
    const path = ctx.proc.path(word);
    if (ctx.proc.fs.exists(path) && !manager.store.loadFile(path))
      await ctx.proc.err(`Could not load file '${path}'\n`);
  }
  manager.autoActivate();
  return 0;
};

const VERBS = {
  show: showConnections,
  up,
  down,
  add,
  modify,
  clone,
  delete: remove,
  reload,
  load,
} satisfies Record<string, Command>;

/** Commands that are refused. */
const OTHERS = ['edit', 'monitor', 'import', 'export'];

/** What `nmcli connection` can be told. */
export const connectionManual = (): ManualSection => ({
  title: 'nmcli connection',
  rows: [...rowsOf(Object.keys(VERBS)), ...rowsOf(OTHERS, { refused: true })],
});

/** `nmcli connection` */
export const connection: Command = async (ctx, [verb, ...rest]) => {
  if (verb === undefined) return showConnections(ctx, []);
  const what = matchWord(verb, Object.keys(VERBS) as (keyof typeof VERBS)[]);
  if (what !== undefined) return VERBS[what](ctx, rest);
  const other = matchWord(verb, OTHERS);
  if (other !== undefined)
    throw new NmcliError(Exit.unknown, `'nmcli connection ${other}' is not supported by Labwire`);
  throw notUnderstood(verb);
};
