import { type GetoptTable, getopt, type LongOption } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import {
  type IfaceStanza,
  InterfacesError,
  type InterfacesFile,
  type Option,
  readInterfaces,
} from './interfaces-file.ts';
import { completed } from './methods.ts';
import { type RunOptions, StanzaRun, stanzaDown, stanzaUp, vlanDown, vlanUp } from './run.ts';
import { StateFile } from './state-file.ts';
import { QUERY_USAGE, usage } from './usage.ts';

const FILE = '/etc/network/interfaces';

const LONGS: readonly LongOption[] = [
  { name: 'help', arg: 'no', key: 'h' },
  { name: 'version', arg: 'no', key: 'V' },
  { name: 'all', arg: 'no', key: 'a' },
  { name: 'allow', arg: 'required', key: 'allow' },
  { name: 'interfaces', arg: 'required', key: 'i' },
  { name: 'exclude', arg: 'required', key: 'X' },
  { name: 'no-act', arg: 'no', key: 'n' },
  { name: 'verbose', arg: 'no', key: 'v' },
  { name: 'option', arg: 'required', key: 'o' },
  { name: 'no-mappings', arg: 'no', key: 'no-mappings' },
  { name: 'no-scripts', arg: 'no', key: 'no-scripts' },
  { name: 'no-loopback', arg: 'no', key: 'no-loopback' },
  { name: 'force', arg: 'no', key: 'f' },
  { name: 'ignore-errors', arg: 'no', key: 'ignore-errors' },
  { name: 'list', arg: 'no', key: 'list' },
  { name: 'state', arg: 'no', key: 'state' },
];

/** What its command line may hold. */
export const IFUP_OPTIONS: GetoptTable = {
  letters: 'hVai:X:nvo:f',
  longs: LONGS,
  usage: QUERY_USAGE,
};

const VERSION = `version 0.8.41

Copyright (c) 1999-2009 Anthony Towns
              2010-2015 Andrej Shadura
              2015-2017 Guus Sliepen

This program is free software; you can redistribute it and/or modify
it under the terms of the GNU General Public License as published by
the Free Software Foundation; either version 2 of the License, or (at
your option) any later version.
`;

/** What the command line of ifup, ifdown or ifquery says. */
class Call {
  readonly proc: Process;
  readonly name: string;
  readonly #found: readonly { readonly opt: string; readonly arg: string | undefined }[];
  readonly operands: readonly string[];
  readonly error: string | undefined;

  constructor(proc: Process, name: string) {
    this.proc = proc;
    this.name = name;
    const { options, operands, error } = getopt(
      proc.argv.slice(1),
      IFUP_OPTIONS.letters,
      IFUP_OPTIONS.longs,
    );
    this.#found = options;
    this.operands = operands;
    this.error = error;
  }

  has(opt: string): boolean {
    return this.#found.some((o) => o.opt === opt);
  }

  all(opt: string): string[] {
    return this.#found.flatMap((o) => (o.opt === opt && o.arg !== undefined ? [o.arg] : []));
  }

  get file(): string {
    return this.all('i').at(-1) ?? FILE;
  }

  get run(): RunOptions {
    const extra: Option[] = this.all('o').map((text) => {
      const [name = '', ...rest] = text.split('=');
      return { name, value: rest.join('=') };
    });
    return {
      noAct: this.has('n'),
      verbose: this.has('v'),
      scripts: !this.has('no-scripts'),
      ignoreErrors: this.has('ignore-errors'),
      extra,
    };
  }

  excluded(iface: string): boolean {
    return this.all('X').some((pattern) => iface === pattern || globs(pattern, iface));
  }

  async say(text: string): Promise<void> {
    await this.proc.err(`${this.name}: ${text}\n`);
  }
}

function globs(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`).test(text);
}

/** Reads the command line and the file, as all three do. @returns an exit status instead of them if that is all */
async function prepare(proc: Process, name: string): Promise<[Call, InterfacesFile] | number> {
  const call = new Call(proc, name);
  if (call.error !== undefined) {
    await proc.err(`${name}: ${call.error}\n${name}: Use --help for help\n`);
    return 1;
  }
  if (call.has('h')) {
    await proc.out(name === 'ifquery' ? QUERY_USAGE : usage(name));
    return 0;
  }
  if (call.has('V')) {
    await proc.out(`${name} ${VERSION}`);
    return 0;
  }
  const asked = call.operands.length > 0 || ['a', 'list', 'state'].some((o) => call.has(o));
  if (!asked) {
    await proc.err(`${name}: no interface(s) specified\n${name}: Use --help for help\n`);
    return 1;
  }
  if (!proc.fs.exists(call.file)) {
    await call.say(`couldn't open interfaces file "${call.file}": No such file or directory`);
    return [call, { auto: [], allow: new Map(), stanzas: [], complaints: [] }];
  }
  try {
    const file = readInterfaces(proc, call.file);
    for (const complaint of file.complaints) await call.say(complaint);
    return [call, file];
  } catch (e) {
    if (!(e instanceof InterfacesError)) throw e;
    await call.say(e.message);
    await call.say(`couldn't read interfaces file "${call.file}"`);
    return 1;
  }
}

/** The stanzas of a logical interface. */
function stanzasOf(file: InterfacesFile, logical: string): IfaceStanza[] {
  const found = file.stanzas.filter((s) => s.name === logical);
  // the loopback device has its stanza in any case
  if (found.length === 0 && logical === 'lo')
    return [{ name: 'lo', family: 'inet', method: 'loopback', options: [] }];
  return found;
}

/** What `IFACE[=LOGICAL]` means. */
function split(word: string): [string, string] {
  const [iface = '', logical = iface] = word.split('=');
  return [iface, logical];
}

/** The hooks of `-a`, which belong to no interface. */
function metaRun(call: Call): StanzaRun {
  return new StanzaRun(
    call.proc,
    '--all',
    'auto',
    { family: 'meta', method: 'none' },
    [],
    call.run,
  );
}

function autoOf(call: Call, file: InterfacesFile): string[] {
  const [kind] = call.all('allow');
  if (kind !== undefined && kind !== 'auto') return [...(file.allow.get(kind) ?? [])];
  return kind === undefined && !file.auto.includes('lo') ? ['lo', ...file.auto] : [...file.auto];
}

/** ifup(8) */
export async function ifup(proc: Process): Promise<number> {
  const prepared = await prepare(proc, 'ifup');
  if (typeof prepared === 'number') return prepared;
  const [call, file] = prepared;
  const all = call.has('a');
  if (all && !(await metaRun(call).hooks('/etc/network/if-pre-up.d', 'pre-up'))) return 1;
  const words = all ? autoOf(call, file) : call.operands;
  let status = 0;
  for (const word of words) if (!(await upOne(call, file, word))) status = 1;
  if (all) await metaRun(call).hooks('/etc/network/if-up.d', 'post-up');
  return status;
}

async function upOne(call: Call, file: InterfacesFile, word: string): Promise<boolean> {
  const [iface, logical] = split(word);
  if (call.excluded(iface)) return true;
  const state = new StateFile(call.proc);
  const stanzas = stanzasOf(file, logical);
  if (stanzas.length === 0) {
    await call.say(`unknown interface ${iface}`);
    return false;
  }
  const known = state.entries().get(iface);
  if (known !== undefined && !call.has('f') && !call.has('n')) {
    if (!call.has('a')) await call.say(`interface ${iface} already configured`);
    return true;
  }
  const o = call.run;
  const link = new StanzaRun(call.proc, iface, logical, { family: 'link', method: 'none' }, [], o);
  await link.commands([vlanUp(iface)], 'pre-up');
  for (const stanza of stanzas) {
    if (await stanzaUp(call.proc, iface, stanza, o)) continue;
    await call.say(`failed to bring up ${iface}`);
    return false;
  }
  if (!o.noAct) state.set(iface, logical);
  return true;
}

/** ifdown(8) */
export async function ifdown(proc: Process): Promise<number> {
  const prepared = await prepare(proc, 'ifdown');
  if (typeof prepared === 'number') return prepared;
  const [call, file] = prepared;
  const all = call.has('a');
  const state = new StateFile(proc);
  if (all) await metaRun(call).hooks('/etc/network/if-down.d', 'pre-down');
  const words = all ? [...state.entries().keys()] : call.operands;
  let status = 0;
  for (const word of words) if (!(await downOne(call, file, word))) status = 1;
  if (all) await metaRun(call).hooks('/etc/network/if-post-down.d', 'post-down');
  return status;
}

async function downOne(call: Call, file: InterfacesFile, word: string): Promise<boolean> {
  const [iface, said] = split(word);
  if (call.excluded(iface)) return true;
  const state = new StateFile(call.proc);
  const known = state.entries().get(iface);
  const logical = word.includes('=') ? said : (known ?? said);
  const stanzas = stanzasOf(file, logical);
  if (known === undefined && !call.has('f')) {
    const isKnown = stanzas.length > 0;
    await call.say(isKnown ? `interface ${iface} not configured` : `unknown interface ${iface}`);
    return isKnown;
  }
  if (stanzas.length === 0) {
    await call.say(`unknown interface ${iface}`);
    return false;
  }
  const o = call.run;
  for (const stanza of stanzas)
    if (!(await stanzaDown(call.proc, iface, stanza, o))) {
      await call.say(`failed to bring down ${iface}`);
      return false;
    }
  const link = new StanzaRun(call.proc, iface, logical, { family: 'link', method: 'none' }, [], o);
  await link.commands([vlanDown(iface)], 'post-down');
  if (!o.noAct) state.remove(iface);
  return true;
}

/** ifquery(8) */
export async function ifquery(proc: Process): Promise<number> {
  const prepared = await prepare(proc, 'ifquery');
  if (typeof prepared === 'number') return prepared;
  const [call, file] = prepared;
  if (call.has('state')) return queryState(call);
  if (call.has('list')) {
    const names = autoOf(call, file).filter((i) => !call.excluded(i));
    await proc.out(names.map((n) => `${n}\n`).join(''));
    return 0;
  }
  let status = 0;
  for (const word of call.has('a') ? autoOf(call, file) : call.operands) {
    const [iface, logical] = split(word);
    const stanzas = file.stanzas.filter((s) => s.name === logical);
    if (stanzas.length === 0 && logical !== 'lo') {
      await call.say(`unknown interface ${iface}`);
      status = 1;
    }
    for (const stanza of stanzas)
      await proc.out(
        completed(stanza)
          .map((o) => `${o.name}: ${o.value}\n`)
          .join(''),
      );
  }
  return status;
}

async function queryState(call: Call): Promise<number> {
  const entries = new StateFile(call.proc).entries();
  const names = call.operands.length > 0 ? call.operands : [...entries.keys()].reverse();
  let status = 0;
  for (const name of names) {
    const logical = entries.get(name);
    if (logical === undefined) status = 1;
    else await call.proc.out(`${name}=${logical}\n`);
  }
  return status;
}
