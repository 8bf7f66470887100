import { errnoNumber, KernelError, strerror } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import { ConfError } from './conf-error.ts';
import { type Context, DIRECTIVES, type DirectiveSpec, REFUSED } from './directive-table.ts';
import { inPlace, Lexer, type Place } from './lexer.ts';

/** One directive with what is in its block. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly place: Place;
  /** Undefined if it opens none. */
  readonly block: readonly Directive[] | undefined;
}

/** A file that was read, for `nginx -T`. */
export interface ConfFile {
  readonly path: string;
  readonly text: string;
}

/** `open() "PATH" failed (2: No such file or directory)` */
export function openFailed(path: string, e: KernelError): string {
  return `open() "${path}" failed (${errnoNumber(e.errno)}: ${strerror(e.errno)})`;
}

/** Reads a configuration with everything that it includes. nginx src/core/ngx_conf_file.c, ngx_conf_parse() */
export class ConfReader {
  readonly files: ConfFile[] = [];
  readonly #proc: Process;
  /** Relative includes start here. */
  readonly #prefix: string;
  #depth = 0;

  constructor(proc: Process, prefix: string) {
    this.#proc = proc;
    this.#prefix = prefix;
  }

  /** Reads the main file. @throws ConfError */
  readMain(path: string): Directive[] {
    return this.#readFile(path, 'main', undefined);
  }

  /** Reads the directives of `-g`. @throws ConfError */
  readCommandLine(text: string): Directive[] {
    return this.#block(
      new Lexer(`${text};`.replace(/;\s*;$/, ';'), 'command line', true),
      'main',
      true,
    );
  }

  #readFile(path: string, context: Context, from: Place | undefined): Directive[] {
    let text: string;
    try {
      text = this.#proc.fs.readText(path);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new ConfError(`${openFailed(path, e)}${from === undefined ? '' : inPlace(from)}`);
    }
    if (++this.#depth > 32)
      throw new ConfError(
        `too many nested includes, the last of "${path}"${from ? inPlace(from) : ''}`,
      );
    this.files.push({ path, text });
    const found = this.#block(new Lexer(text, path), context, true);
    this.#depth--;
    return found;
  }

  #block(lexer: Lexer, context: Context, whole: boolean): Directive[] {
    const found: Directive[] = [];
    for (;;) {
      const token = lexer.next();
      if (token.kind === 'end') {
        if (whole) return found;
        throw new ConfError(`unexpected end of file, expecting "}"${inPlace(token.place)}`);
      }
      if (token.kind === 'close') {
        if (!whole) return found;
        throw new ConfError(`unexpected "}"${inPlace(token.place)}`);
      }
      const [name = '', ...args] = token.words;
      const { place } = token;
      const opens = token.kind === 'block';
      if (context === 'types' && name !== 'include') {
        if (opens) throw new ConfError(`unexpected "{"${inPlace(place)}`);
        found.push({ name, args, place, block: undefined });
        continue;
      }
      const spec = specOf(name, context, opens, args.length, place, found);
      if (name === 'include') {
        found.push(...this.#include(args[0] as string, context, place));
        continue;
      }
      checkValue(spec, name, args, place);
      const inner = spec.block === 'server' && context === 'upstream' ? undefined : spec.block;
      const block = inner === undefined ? undefined : this.#block(lexer, inner, false);
      found.push({ name, args, place, block });
    }
  }

  #include(pattern: string, context: Context, place: Place): Directive[] {
    const full = pattern.startsWith('/') ? pattern : `${this.#prefix}${pattern}`;
    if (!/[*?[]/.test(full)) return this.#readFile(full, context, place);
    return this.#glob(full).flatMap((path) => this.#readFile(path, context, place));
  }

  /** Files that match a pattern whose last part has wildcards, in order. */
  #glob(pattern: string): string[] {
    const slash = pattern.lastIndexOf('/');
    const dir = pattern.slice(0, slash) || '/';
    const { fs } = this.#proc;
    if (/[*?[]/.test(dir) || !fs.exists(dir) || fs.stat(dir).type !== 'dir') return [];
    const match = globRegExp(pattern.slice(slash + 1));
    return fs
      .readdir(dir)
      .filter((name) => match.test(name) && !name.startsWith('.'))
      .map((name) => `${dir === '/' ? '' : dir}/${name}`);
  }
}

function globRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

/** Finds out whether a directive may stand here. ngx_conf_handler() */
function specOf(
  name: string,
  context: Context,
  opens: boolean,
  args: number,
  place: Place,
  before: readonly Directive[],
): DirectiveSpec {
  const fail = (message: string): never => {
    throw new ConfError(`${message}${inPlace(place)}`);
  };
  const spec = Object.hasOwn(DIRECTIVES, name) ? (DIRECTIVES[name] as DirectiveSpec) : undefined;
  if (spec === undefined) {
    if (REFUSED.includes(name)) return fail(`"${name}" directive is not supported here`);
    return fail(`unknown directive "${name}"`);
  }
  if (!spec.contexts.includes(context)) return fail(`"${name}" directive is not allowed here`);
  const wantsBlock = spec.block !== undefined && !(name === 'server' && context === 'upstream');
  if (opens && !wantsBlock) return fail(`directive "${name}" is not terminated by ";"`);
  if (!opens && wantsBlock) return fail(`directive "${name}" has no opening "{"`);
  const max = name === 'server' && context === 'http' ? 0 : spec.max;
  const min = name === 'server' && context === 'upstream' ? 1 : spec.min;
  if (args < min || args > max) return fail(`invalid number of arguments in "${name}" directive`);
  if (spec.repeats !== true && before.some((d) => d.name === name))
    return fail(`"${name}" directive is duplicate`);
  return spec;
}

function checkValue(
  spec: DirectiveSpec,
  name: string,
  args: readonly string[],
  place: Place,
): void {
  const value = args[0] ?? '';
  const fail = (message: string): never => {
    throw new ConfError(`${message}${inPlace(place)}`);
  };
  switch (spec.check) {
    case 'flag':
      if (!/^(?:on|off)$/i.test(value))
        fail(`invalid value "${value}" in "${name}" directive, it must be "on" or "off"`);
      break;
    case 'number':
      if (!/^\d+$/.test(value)) fail(`invalid number "${value}"`);
      break;
    case 'size':
      if (!/^\d+[kKmMgG]?$/.test(value)) fail(`"${name}" directive invalid value`);
      break;
    case 'time':
      if (!/^(?:\d+(?:ms|[smhdwMy])?\s*)+$/.test(value)) fail(`"${name}" directive invalid value`);
      break;
    case undefined:
  }
  if (name === 'worker_processes' && value !== 'auto' && !/^[1-9]\d*$/.test(value))
    fail(`"${name}" directive invalid value`);
}

/** Nanoseconds of a time like `75s` or `500ms`; a bare number is seconds. ngx_parse_time() */
export function parseTime(text: string): number {
  const units: Readonly<Record<string, number>> = {
    ms: 1e6,
    s: 1e9,
    m: 60e9,
    h: 3600e9,
    d: 86_400e9,
    w: 604_800e9,
    M: 2_592_000e9,
    y: 31_536_000e9,
  };
  let total = 0;
  for (const m of text.matchAll(/(\d+)(ms|[smhdwMy])?/g))
    total += Number(m[1]) * (units[m[2] ?? 's'] as number);
  return total;
}

/** Bytes of a size like `8k` or `1m`. ngx_parse_size() */
export function parseSize(text: string): number {
  const units: Readonly<Record<string, number>> = { k: 1024, m: 1 << 20, g: 1 << 30 };
  const m = /^(\d+)([kmg]?)$/i.exec(text);
  return m === null ? 0 : Number(m[1]) * (units[(m[2] as string).toLowerCase()] ?? 1);
}
