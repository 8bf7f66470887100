/** The program `nft`. src/main.c, src/libnftables.c */
import { utf8Decode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { NftTable } from '@labwire/devices/netfilter';
import type { Process, Program } from '../machine/index.ts';
import { Batch } from './command/batch.ts';
import { getElements, type Listed, listing, resetObjects } from './command/list.ts';
import { type Options, readOptions } from './command/options.ts';
import { interactive } from './interactive.ts';
import { jsonListing } from './json/list.ts';
import { formatError, NftError, type Source } from './lex/index.ts';
import { CHANGER, echoed, monitor } from './monitor/index.ts';
import { type Command, type Includer, type Node, parseCommands } from './parse/index.ts';
import { namesOf, type Style } from './type/index.ts';
import { USAGE } from './usage.ts';
import { xtViews } from './xtables/index.ts';

const VERSION = 'nftables v1.0.6 (Lester Gooch #5)\n';

const EXTENDED = `${VERSION}  cli:\t\teditline\n  json:\t\tyes\n  minigmp:\tno\n  libxtables:\tyes\n`;

function styleOf(proc: Process, o: Options): Style {
  return {
    names: namesOf(proc),
    numericProtocol: o.numeric || o.numericProtocol,
    numericPriority: o.numeric || o.numericPriority,
    numericSymbol: o.numeric,
    seconds: o.numeric || o.numericTime,
    serviceNames: o.services,
    userNames: o.guid,
    stateless: o.stateless,
    handles: o.handles,
    terse: o.terse,
    now: proc.netns.sim.now,
  };
}

/** Reads the files of an include. Patterns with `*` and `?` may match none. */
function includer(proc: Process, paths: readonly string[]): Includer {
  return (pattern) => {
    const places =
      pattern.startsWith('/') || pattern.startsWith('./')
        ? [pattern]
        : [...paths, '/etc'].map((d) => `${d}/${pattern}`);
    const wild = /[*?[]/.test(pattern);
    for (const place of places) {
      const found = wild ? matching(proc, place) : [place];
      const sources = found.flatMap((file): Source[] => {
        const text = readFile(proc, file);
        return text === undefined ? [] : [{ file, text }];
      });
      if (sources.length > 0) return sources;
    }
    return wild ? [] : undefined;
  };
}

function matching(proc: Process, pattern: string): string[] {
  const dir = pattern.replace(/\/[^/]*$/, '');
  const last = pattern.slice(dir.length + 1);
  const re = new RegExp(
    `^${last
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  );
  try {
    return proc.fs
      .readdir(dir)
      .filter((n) => !n.startsWith('.') && re.test(n))
      .sort()
      .map((n) => `${dir}/${n}`);
  } catch (e) {
    if (e instanceof KernelError) return [];
    throw e;
  }
}

function readFile(proc: Process, path: string): string | undefined {
  try {
    return proc.fs.readText(proc.path(path));
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  }
}

async function readInput(proc: Process): Promise<string> {
  let text = '';
  for (let piece = await proc.read(0); piece.length > 0; piece = await proc.read(0))
    text += utf8Decode(piece);
  return text;
}

async function readSource(proc: Process, o: Options): Promise<Source> {
  if (o.file === undefined) return { file: undefined, text: `${o.words.join(' ')}\n` };
  if (o.file === '-') return { file: '/dev/stdin', text: await readInput(proc) };
  try {
    return { file: o.file, text: proc.fs.readText(proc.path(o.file)) };
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new NftError(`internal:0:0-0: Error: Could not open file "${o.file}": ${e.message}`);
  }
}

function definesOf(o: Options): Map<string, Node> {
  const out = new Map<string, Node>();
  for (const d of o.defines) {
    const at = d.indexOf('=');
    const text = d.slice(at + 1);
    const loc = { source: { file: undefined, text: d }, from: 0, to: d.length };
    out.set(d.slice(0, at), {
      k: 'sym',
      text,
      form: /^\d+$/.test(text) ? 'number' : 'string',
      loc,
    });
  }
  return out;
}

const isSame = (a: NftTable, b: NftTable): boolean => a.family === b.family && a.name === b.name;

/** The tables of a namespace, those of iptables among them. */
function listed(proc: Process, style: Style): Listed {
  const { netfilter } = proc.netns;
  const views = xtViews(netfilter, style);
  const own = netfilter.nft.tables.filter((t) => !views.some((v) => isSame(t, v.table)));
  const xt = new Map(
    views.map(({ table, modules }) => {
      const nft = netfilter.nft.tables.find((t) => isSame(t, table));
      // both programs have chains in it
      const whole =
        nft === undefined ? table : { ...nft, chains: new Map([...nft.chains, ...table.chains]) };
      return [whole, modules];
    }),
  );
  const tables = [...own, ...xt.keys()].sort((a, b) => a.handle - b.handle);
  const hasModules: Listed['hasModules'] = (t, chain) => {
    const own = xt.get(t);
    return own !== undefined && (chain === undefined ? own.size > 0 : own.has(chain));
  };
  return { nf: netfilter.nft, tables, hasModules };
}

function look(l: Listed, c: Command, batch: Batch, json: boolean): void {
  try {
    if (json && c.op === 'get') throw new NftError("Labwire's nft has no get as JSON", c.loc);
    if (json) batch.out += jsonListing(l.tables, c, batch.style);
    else batch.out += c.op === 'get' ? getElements(l, c, batch) : listing(l, c, batch);
    if (c.op === 'reset') batch.reset(resetObjects(l, c));
  } catch (e) {
    if (!(e instanceof NftError)) throw e;
    batch.errors.push(e);
  }
}

/** Thrown to take back what a batch has done. */
class Refused extends Error {}

/** Runs all commands; @returns what to print as errors */
function runAll(
  proc: Process,
  commands: readonly Command[],
  batch: Batch,
  o: Options,
): readonly NftError[] {
  const { nft: nf } = proc.netns.netfilter;
  try {
    nf.batch(() => {
      for (const c of commands) {
        if (c.op === 'describe') batch.describe(c);
        else if (['list', 'get', 'reset'].includes(c.op))
          look(listed(proc, batch.style), c, batch, o.json);
        else batch.run(c);
      }
      if (batch.errors.length + batch.refused.length > 0) throw new Refused();
    }, o.check);
    if (!o.check) batch.commit();
  } catch (e) {
    if (e instanceof Refused) return batch.errors.length > 0 ? batch.errors : batch.refused;
    if (!(e instanceof KernelError)) throw e;
    const [first] = commands;
    return [
      new NftError(
        `Could not process rule: ${e.message}`,
        ...(first === undefined ? [] : [first.loc]),
      ),
    ];
  }
  return [];
}

/** Runs all commands of a text, whose variables are added to `defines`. @returns the exit code @throws NftError */
async function runSource(
  proc: Process,
  o: Options,
  source: Source,
  defines: Map<string, Node>,
): Promise<number> {
  const commands = parseCommands(source, includer(proc, o.includes), defines);
  const watched = commands.find((c) => c.op === 'monitor');
  if (watched !== undefined) {
    const json = o.json || watched.monitored?.json === true;
    await monitor(proc, watched, () => styleOf(proc, o), json);
  }
  const style = styleOf(proc, o);
  const { netfilter } = proc.netns;
  const batch = new Batch(netfilter, style, () => proc.netns.sim.now);
  CHANGER.set(netfilter.nft, proc.pid);
  let errors: readonly NftError[] = [];
  const text = echoed(netfilter.nft, style, o.json, proc.pid, () => {
    errors = runAll(proc, commands, batch, o);
  });
  await proc.err(batch.warnings);
  await proc.out(o.echo ? batch.out + text : batch.out);
  for (const e of errors) await proc.err(formatError(e));
  return errors.length > 0 ? 1 : 0;
}

async function run(proc: Process, o: Options): Promise<number> {
  const defines = definesOf(o);
  if (!o.interactive) return runSource(proc, o, await readSource(proc, o), defines);
  await interactive(proc, async (line) => {
    const source: Source = { file: undefined, text: `${line}\n` };
    await told(proc, () => runSource(proc, o, source, defines));
  });
  return 0;
}

/** Says what is wrong. */
async function told(proc: Process, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (e) {
    if (!(e instanceof NftError)) throw e;
    const isBare = e.at.length === 0 && e.message.startsWith('internal:');
    await proc.err(isBare ? `${e.message}\n\n\n` : formatError(e));
    return 1;
  }
}

/** `nft` */
export const nft: Program = async (proc) => {
  const o = readOptions(proc.argv.slice(1));
  if (o.help) {
    await proc.out(USAGE);
    return 0;
  }
  if (o.version !== undefined) {
    await proc.out(o.version === 'short' ? VERSION : EXTENDED);
    return 0;
  }
  if (o.problem !== undefined) {
    await proc.err(`${o.problem}\n`);
    return 1;
  }
  if (!o.interactive && o.file === undefined && o.words.length === 0) {
    await proc.err('nft: no command specified\n');
    return 1;
  }
  return told(proc, () => run(proc, o));
};
