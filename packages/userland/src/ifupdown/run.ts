import { exec, findProgram, type Process } from '../machine/index.ts';
import type { IfaceStanza, Option } from './interfaces-file.ts';
import { completed, MissingOption, methodCommands } from './methods.ts';

/** How the command was called. */
export interface RunOptions {
  readonly noAct: boolean;
  readonly verbose: boolean;
  readonly scripts: boolean;
  readonly ignoreErrors: boolean;
  /** Of `-o`. */
  readonly extra: readonly Option[];
}

/** What is done at present, as hooks learn it. */
type Phase = 'pre-up' | 'post-up' | 'pre-down' | 'post-down';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs the commands of one stanza. execute.c */
export class StanzaRun {
  readonly #proc: Process;
  readonly #iface: string;
  readonly #logical: string;
  readonly #stanza: { readonly family: string; readonly method: string };
  readonly #options: readonly Option[];
  readonly #o: RunOptions;

  constructor(
    proc: Process,
    iface: string,
    logical: string,
    stanza: { readonly family: string; readonly method: string },
    options: readonly Option[],
    o: RunOptions,
  ) {
    this.#proc = proc;
    this.#iface = iface;
    this.#logical = logical;
    this.#stanza = stanza;
    this.#options = options;
    this.#o = o;
  }

  /** Commands one after the other, each shown if that was asked for. @returns whether all succeeded */
  async commands(commands: readonly string[], phase: Phase): Promise<boolean> {
    for (const command of commands) {
      if (this.#o.verbose || this.#o.noAct) await this.#proc.err(`${command}\n`);
      if (this.#o.noAct || command.trim() === '') continue;
      const ok = await this.#shell(command, phase);
      // what can't be taken down is left, and the rest is
      if (!ok && phase.endsWith('up') && !this.#o.ignoreErrors) return false;
    }
    return true;
  }

  /** What the stanza itself says for a moment. */
  async own(name: string, phase: Phase): Promise<boolean> {
    const commands = this.#options.filter((o) => o.name === name).map((o) => o.value);
    return this.commands(commands, phase);
  }

  /** The hooks of a directory. */
  async hooks(dir: string, phase: Phase): Promise<boolean> {
    if (!this.#o.scripts) return true;
    const up = phase.endsWith('up');
    const words = ['run-parts', ...(up ? ['--exit-on-error'] : [])];
    const { verbose, noAct } = this.#o;
    if (verbose) words.push('--verbose');
    if (verbose || noAct) await this.#proc.err(`${[...words, dir].join(' ')}\n`);
    if (noAct) return true;
    for (const path of hooksIn(this.#proc, dir)) {
      if (verbose) await this.#proc.err(`run-parts: executing ${path}\n`);
      const child = this.#proc.spawn([path], (p) => exec(p, path, [path]), {
        env: this.#environment(phase),
      });
      const status = await this.#proc.waitFor(child);
      if (status !== 0 && up) {
        await this.#proc.err(`run-parts: ${path} exited with return code ${status}\n`);
        return this.#o.ignoreErrors;
      }
    }
    return true;
  }

  async #shell(command: string, phase: Phase): Promise<boolean> {
    const argv = ['/bin/sh', '-c', command];
    const shell = findProgram(this.#proc, '/bin/sh') ?? '/bin/sh';
    const child = this.#proc.spawn(argv, (p) => exec(p, shell, argv), {
      env: this.#environment(phase),
    });
    return (await this.#proc.waitFor(child)) === 0;
  }

  #environment(phase: Phase): Map<string, string> {
    const env = new Map([
      ['IFACE', this.#iface],
      ['LOGICAL', this.#logical],
      ['ADDRFAM', this.#stanza.family],
      ['METHOD', this.#stanza.method],
      ['CLASS', ''],
      ['MODE', phase.endsWith('up') ? 'start' : 'stop'],
      ['PHASE', phase],
      ['VERBOSITY', this.#o.verbose ? '1' : '0'],
      ['PATH', PATH],
    ]);
    for (const { name, value } of this.#options)
      if (!['up', 'down', 'pre-up', 'post-down'].includes(name))
        env.set(`IF_${name.toUpperCase().replaceAll('-', '_')}`, value);
    return env;
  }
}

function hooksIn(proc: Process, dir: string): string[] {
  if (!proc.fs.exists(dir)) return [];
  return proc.fs
    .readdir(dir)
    .filter((name) => /^[\w-]+$/.test(name))
    .sort()
    .map((name) => `${dir}/${name}`);
}

/** The command that makes a VLAN's device; empty for any other. Source: ifupdown link.defn */
export function vlanUp(iface: string): string {
  const found = /^(.+)\.0*(\d+)$/.exec(iface);
  if (found === null) return '';
  const [, parent, id] = found;
  return `ip link show ${iface} >/dev/null 2>&1 || { ip link set up dev ${parent}; ip link add link ${parent} name ${iface} type vlan id ${id}; }`;
}

/** The command that takes it away again. */
export function vlanDown(iface: string): string {
  return vlanUp(iface) === '' ? '' : `ip link del ${iface}`;
}

/** Goes through the steps of one stanza. @throws MissingOption */
async function runStanza(
  proc: Process,
  program: 'ifup' | 'ifdown',
  iface: string,
  stanza: IfaceStanza,
  o: RunOptions,
  steps: (run: StanzaRun, commands: ReturnType<typeof methodCommands>) => Promise<boolean>,
): Promise<boolean> {
  const options = [...completed(stanza), ...o.extra];
  const run = new StanzaRun(proc, iface, stanza.name, stanza, options, o);
  if (o.verbose && !o.noAct)
    await proc.err(
      `${program}: configuring interface ${iface}=${stanza.name} (${stanza.family})\n`,
    );
  return steps(run, methodCommands(stanza, iface, options));
}

/** Brings one stanza up. @returns whether it is up */
export async function stanzaUp(
  proc: Process,
  iface: string,
  stanza: IfaceStanza,
  o: RunOptions,
): Promise<boolean> {
  try {
    return await runStanza(
      proc,
      'ifup',
      iface,
      stanza,
      o,
      async (run, { up }) =>
        (await run.own('pre-up', 'pre-up')) &&
        (await run.hooks('/etc/network/if-pre-up.d', 'pre-up')) &&
        (await run.commands(up, 'post-up')) &&
        (await run.own('up', 'post-up')) &&
        (await run.hooks('/etc/network/if-up.d', 'post-up')),
    );
  } catch (e) {
    if (!(e instanceof MissingOption)) throw e;
    await proc.err(
      `ifup: ${e.message}\nifup: missing required configuration variables for interface ${iface}/${stanza.family}\n`,
    );
    return false;
  }
}

/** Takes one stanza down. @returns whether nothing failed */
export async function stanzaDown(
  proc: Process,
  iface: string,
  stanza: IfaceStanza,
  o: RunOptions,
): Promise<boolean> {
  try {
    return await runStanza(
      proc,
      'ifdown',
      iface,
      stanza,
      o,
      async (run, { down }) =>
        (await run.hooks('/etc/network/if-down.d', 'pre-down')) &&
        (await run.own('down', 'pre-down')) &&
        (await run.commands(down, 'post-down')) &&
        (await run.hooks('/etc/network/if-post-down.d', 'post-down')) &&
        (await run.own('post-down', 'post-down')),
    );
  } catch (e) {
    if (!(e instanceof MissingOption)) throw e;
    return false;
  }
}
