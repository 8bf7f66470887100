import { KernelError, strerror } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import {
  BIND_VERSION,
  Lookup,
  LookupFatal,
  runLookups,
  Session,
  setupFromResolvConf,
} from '../dighost/index.ts';
import { checkDashes, DigArguments, DigUsage } from './arguments.ts';
import { DigDisplay } from './display.ts';
import { PlusError } from './plus-options.ts';
import { type DigSettings, digSettings } from './settings.ts';
import { DIG_MORE_HELP, DIG_USAGE } from './usage.ts';

/** dig(1). BIND bin/dig/dig.c */
export async function dig(proc: Process): Promise<number> {
  const settings = digSettings();
  const display = new DigDisplay(settings);
  const session = new Session(proc, display);
  display.attach(session);
  try {
    return await run(session, settings, proc.argv.slice(1));
  } catch (e) {
    if (e instanceof DigUsage) {
      await proc.err(`${e.message}\n${DIG_USAGE}${DIG_MORE_HELP}`);
      return 1;
    }
    if (e instanceof PlusError) {
      await proc.err(`${e.kind === 'unsupported' ? 'dig: ' : ''}${e.message}\n`);
      return e.kind === 'unsupported' ? 1 : 10;
    }
    if (!(e instanceof LookupFatal)) throw e;
    await proc.err(`dig: ${e.message}\n`);
    return e.exitCode;
  }
}

async function run(session: Session, settings: DigSettings, args: string[]): Promise<number> {
  checkDashes(args);
  session.family = familyOf(args);
  setupFromResolvConf(session);
  const defaults = new Lookup();
  defaults.ad = true;
  defaults.edns = 0;
  defaults.cookie = new Uint8Array(0);
  defaults.retries = session.tries;
  const reader = new DigArguments(session, settings, args, defaults, false);
  const { show, batch } = await reader.read();
  if (show !== undefined) {
    if (show === 'version') await session.proc.err(`DiG ${BIND_VERSION}\n`);
    else await session.out(DIG_USAGE);
    return 0;
  }
  if (settings.domain !== undefined) {
    session.search = [settings.domain];
    session.useSearch = true;
  }
  await runLookups(session);
  if (batch !== undefined) await runBatch(session, settings, batch, defaults);
  return session.exitCode;
}

/** -4 or -6 among the options. */
function familyOf(args: readonly string[]): Session['family'] {
  const letters = args.map((w) => /^-([46dhimnruv]+)/.exec(w)?.[1] ?? '').join('');
  if (letters.includes('4')) return 'inet';
  return letters.includes('6') ? 'inet6' : undefined;
}

/** -f: one lookup a line. @throws LookupFatal */
async function runBatch(
  session: Session,
  settings: DigSettings,
  path: string,
  defaults: Lookup,
): Promise<void> {
  for (const line of (await batchText(session, path)).split('\n')) {
    if (line === '' || /^[#;\r]/.test(line)) continue;
    const words = line.split(/[ \t\r]+/).filter((w) => w !== '');
    await new DigArguments(session, settings, words, defaults, true).read();
    await runLookups(session);
  }
}

async function batchText({ proc, exitCode }: Session, path: string): Promise<string> {
  try {
    if (path !== '-') return proc.fs.readText(proc.path(path));
    return await readAllInput(proc);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await proc.err(`${path}: ${strerror(e.errno)}\n`);
    throw new LookupFatal("couldn't open specified batch file", Math.max(exitCode, 8));
  }
}

async function readAllInput(proc: Process): Promise<string> {
  let text = '';
  for (;;) {
    const chunk = await proc.read(0);
    if (chunk.length === 0) return text;
    text += String.fromCharCode(...chunk);
  }
}
