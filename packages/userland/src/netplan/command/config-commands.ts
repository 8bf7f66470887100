import { isMap, isSeq, parseDocument } from 'yaml';
import type { Process } from '../../machine/index.ts';
import {
  configFiles,
  dumpConfig,
  loadConfig,
  NetplanConfig,
  NetplanError,
  NO_FILE,
  Source,
} from '../config/index.ts';
import type { Words } from './netplan.ts';
import { FEATURES } from './usage.ts';
import { warn } from './warn.ts';

const EXCEPTION = 'netplan.libnetplan.LibNetplanException';
const FALLBACK = '70-netplan-set.yaml';

/** `a.b\.c` as its steps below `network`. */
function steps(key: string): string[] {
  const all = key.split(/(?<!\\)\./).map((step) => step.replaceAll('\\.', '.'));
  return key.startsWith('network') ? all : ['network', ...all];
}

/** `netplan get [KEY]`. @throws NetplanError */
export async function get(proc: Process, { plain, options }: Words): Promise<number> {
  const [key = 'all'] = plain;
  const config = load(proc, options.get('--root-dir') ?? '/');
  await warn(proc, 'process', config);
  const text =
    config.defs.size === 0 && config.version === undefined ? '' : dumpConfig(config, () => true);
  await proc.out(key === 'all' ? text : subtree(text, steps(key)));
  return 0;
}

function load(proc: Process, root: string): NetplanConfig {
  try {
    return loadConfig(proc, root);
  } catch (e) {
    throw e instanceof NetplanError ? new NetplanError(`${EXCEPTION}: ${e.message}`) : e;
  }
}

/** What is below a key, with its own indentation taken away. */
function subtree(text: string, path: readonly string[]): string {
  const doc = parseDocument(text);
  const node = doc.getIn(path, true);
  if (node === undefined) return 'null\n';
  const [start, end] = (node as { range: [number, number, number] }).range;
  const raw = text.slice(start, end).replace(/\n+$/, '');
  const block = (isMap(node) || isSeq(node)) && node.flow !== true;
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  const lines = raw.split('\n');
  return `${(block ? lines.map((l, i) => (i === 0 ? l : l.slice(column))) : lines).join('\n')}\n`;
}

/** `netplan set KEY=VALUE`. @throws NetplanError */
export async function set(proc: Process, { plain, options }: Words): Promise<number> {
  const [pair] = plain;
  if (pair === undefined) {
    await proc.err(
      'usage: /usr/sbin/netplan set [-h] [--debug] [--origin-hint ORIGIN_HINT]\n                             [--root-dir ROOT_DIR]\n                             key_value\n/usr/sbin/netplan set: error: the following arguments are required: key_value\n',
    );
    return 2;
  }
  const hint = options.get('--origin-hint');
  if (hint !== undefined)
    throw new NetplanError('netplan: set --origin-hint is not supported by Labwire');
  const at = pair.indexOf('=');
  if (at < 0) throw new NetplanError('Exception: Invalid value specified');
  const root = options.get('--root-dir') ?? '/';
  const path = steps(pair.slice(0, at));
  const value = pair.slice(at + 1);
  const config = value === 'NULL' ? without(proc, root, path) : withPatch(proc, root, path, value);
  await warn(proc, 'process', config);
  write(proc, config, root);
  return 0;
}

/** The files' configuration with one more setting. */
function withPatch(
  proc: Process,
  root: string,
  path: readonly string[],
  value: string,
): NetplanConfig {
  const patch = path.map((step, i) => `${'  '.repeat(i)}${step}:`).join('\n');
  return collect(proc, root, (text) => text, `${patch} ${value}\n`);
}

/** The files' configuration without a setting. */
function without(proc: Process, root: string, path: readonly string[]): NetplanConfig {
  return collect(proc, root, (text) => {
    const doc = parseDocument(text);
    if (doc.errors.length > 0 || !doc.hasIn(path)) return text;
    doc.deleteIn(path);
    return doc.toString();
  });
}

function collect(
  proc: Process,
  root: string,
  change: (text: string) => string,
  patch?: string,
): NetplanConfig {
  const config = new NetplanConfig();
  try {
    for (const path of configFiles(proc, root))
      config.add(new Source(path, change(proc.fs.readText(path))));
    if (patch !== undefined) config.add(new Source(NO_FILE, patch));
    config.finish();
    return config;
  } catch (e) {
    if (!(e instanceof NetplanError)) throw e;
    throw new NetplanError(`${EXCEPTION}: ${e.message}`);
  }
}

/** Writes each device to the file that had it; new ones to a file of their own. */
function write(proc: Process, config: NetplanConfig, root: string): void {
  const own = `${root.replace(/\/$/, '')}/etc/netplan/${FALLBACK}`;
  const target = (origin: string) => (origin === NO_FILE ? own : origin);
  const origins = [...config.defs.values()].map((def) => target(def.origin));
  for (const path of new Set([...configFiles(proc, root), ...origins]))
    if (origins.includes(path))
      proc.fs.writeFile(
        path,
        dumpConfig(config, (def) => target(def.origin) === path),
        { mode: 0o600 },
      );
    else proc.fs.unlink(path);
}

/** `netplan info`. */
export async function info(proc: Process, { options }: Words): Promise<number> {
  const website = 'https://netplan.io/';
  const text = options.has('--json')
    ? JSON.stringify({ 'netplan.io': { website, features: FEATURES } }, undefined, 2)
    : [
        'netplan.io:',
        `  website: "${website}"`,
        '  features:',
        ...FEATURES.map((f) => `  - ${f}`),
      ].join('\n');
  await proc.out(`${text}\n`);
  return 0;
}
