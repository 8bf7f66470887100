import { KernelError, strerror } from '@labwire/core/error';
import type { Process, Program } from '../machine/index.ts';
import { closeInput, openInput } from './input.ts';
import { type OdFormat, parseOdFormats } from './od-format.ts';
import { type Options, quote, ToolError, tool, UsageError } from './tool.ts';

/** Options that stand for a type. */
const TYPES: Readonly<Record<string, string>> = {
  a: 'a',
  b: 'o1',
  c: 'c',
  d: 'u2',
  e: 'fD',
  f: 'fF',
  F: 'fD',
  h: 'x2',
  H: 'x4',
  i: 'dI',
  I: 'dL',
  l: 'dL',
  L: 'dL',
  o: 'o2',
  O: 'o4',
  s: 'd2',
  x: 'x2',
  X: 'x4',
};
const RADIXES: Readonly<Record<string, readonly [base: number, width: number]>> = {
  d: [10, 7],
  o: [8, 7],
  x: [16, 6],
  n: [10, 0],
};
const POWERS = 'KMGTPEZY';
/** Bytes that a line has if nothing else is said, and with -w alone. */
const LINE = 16;
const WIDE_LINE = 32;
/** Characters that are gathered before they are written, as stdio does. */
const BUFFER = 4096;

/** od(1). */
export const od: Program = tool(
  {
    name: 'od',
    letters: 'A:aBbcDdeFfHhIij:LlN:OoS:st:vw::Xx',
    longs: {
      'skip-bytes=': 'j',
      'address-radix=': 'A',
      'read-bytes=': 'N',
      'format=': 't',
      'output-duplicates': 'v',
      'strings?': 'S',
      traditional: 'traditional',
      'width?': 'w',
      'endian=': 'endian',
    },
  },
  async (proc, options, operands) => {
    const dump = new Dump(proc, options);
    return dump.run(operands.length > 0 ? operands : ['-']);
  },
);

/** A size with its suffix. @throws ToolError */
function sizeArgument(option: string, text: string): number {
  const m = /^(0[xX][0-9a-fA-F]+|\d+)(.*)$/.exec(text);
  if (m === null) throw new ToolError(`invalid -${option} argument '${text}'`);
  const digits = m[1] as string;
  const octal = /^0[0-7]+$/.test(digits);
  const value = Number(octal ? `0o${digits.slice(1)}` : digits);
  const factor = suffixFactor(m[2] as string);
  if (factor === undefined) throw new ToolError(`invalid suffix in -${option} argument '${text}'`);
  return value * factor;
}

function suffixFactor(suffix: string): number | undefined {
  if (suffix === '') return 1;
  if (suffix === 'b') return 512;
  const m = /^([kKmMGTPEZY])(B|iB)?$/.exec(suffix);
  if (m === null) return undefined;
  const power = POWERS.indexOf((m[1] as string).toUpperCase()) + 1;
  return (m[2] === 'B' ? 1000 : 1024) ** power;
}

function lineWidth(options: Options, unit: number): { width: number; refused?: number } {
  if (!options.has('w')) return { width: unit < LINE ? unit * Math.floor(LINE / unit) : unit };
  const text = options.value('w');
  const wanted = text === undefined ? WIDE_LINE : sizeArgument('w', text);
  return wanted > 0 && wanted % unit === 0 ? { width: wanted } : { width: unit, refused: wanted };
}

function endian(options: Options): boolean {
  const given = options.value('endian');
  if (given === undefined) return true;
  const found = ['little', 'big'].filter((e) => e.startsWith(given) && given !== '');
  if (found.length === 1) return found[0] === 'little';
  throw new UsageError(
    `${given === '' ? 'ambiguous' : 'invalid'} argument ${quote(given)} for ${quote('--endian')}\nValid arguments are:\n  - ${quote('little')}\n  - ${quote('big')}`,
  );
}

function readFormats(options: Options): OdFormat[] {
  const found = options.list().flatMap(({ opt, arg }) => {
    const type = opt === 't' ? arg : TYPES[opt];
    return type === undefined ? [] : parseOdFormats(type);
  });
  return found.length > 0 ? found : parseOdFormats('o2');
}

/** One run: the bytes of all files, a line for each block of them. coreutils src/od.c, dump() and write_block() */
class Dump {
  readonly #proc: Process;
  readonly #formats: readonly OdFormat[];
  readonly #little: boolean;
  readonly #radix: readonly [base: number, width: number];
  readonly #all: boolean;
  readonly #skip: number;
  readonly #limit: number;
  readonly #width: { readonly width: number; readonly refused?: number };
  /** Columns of a whole line. */
  readonly #columns: number;
  #text = '';

  constructor(proc: Process, options: Options) {
    for (const opt of ['S', 'B', 'D', 'traditional'])
      if (options.has(opt))
        throw new ToolError(`${opt.length > 1 ? '--' : '-'}${opt}: not supported here`);
    this.#proc = proc;
    const radix = options.value('A') ?? 'o';
    const known = RADIXES[radix[0] ?? ''];
    if (known === undefined)
      throw new ToolError(
        `invalid output address radix '${radix[0] ?? '\0'}'; it must be one character from [doxn]`,
      );
    this.#radix = known;
    this.#skip = options.has('j') ? sizeArgument('j', options.value('j') ?? '') : 0;
    this.#limit = options.has('N') ? sizeArgument('N', options.value('N') ?? '') : Infinity;
    this.#formats = readFormats(options);
    this.#little = endian(options);
    this.#all = options.has('v');
    this.#width = lineWidth(options, Math.max(...this.#formats.map((f) => f.size)));
    const { width } = this.#width;
    this.#columns = Math.max(...this.#formats.map((f) => ((f.width + 1) * width) / f.size));
  }

  async run(files: readonly string[]): Promise<number> {
    const { refused, width } = this.#width;
    if (refused !== undefined)
      await this.#proc.err(`od: warning: invalid width ${refused}; using ${width} instead\n`);
    const input = new Input(this.#proc, files);
    if (!(await input.open())) return 1;
    if (!(await input.skip(this.#skip))) {
      await this.#proc.err('od: cannot skip past end of combined input\n');
      return 1;
    }
    const end = await this.#blocks(input);
    if (this.#radix[1] > 0) this.#text += `${this.#address(end)}\n`;
    await this.#flush();
    input.close();
    return input.failed ? 1 : 0;
  }

  async #blocks(input: Input): Promise<number> {
    const { width } = this.#width;
    let at = this.#skip;
    let last: Uint8Array | undefined;
    let starred = false;
    for (let left = this.#limit; left > 0; ) {
      const block = await input.read(Math.min(left, width));
      if (block.length === 0) break;
      const same = !this.#all && last !== undefined && equal(last, block);
      if (!same) this.#line(at, block);
      else if (!starred) this.#text += '*\n';
      starred = same;
      last = block;
      at += block.length;
      left -= block.length;
      if (this.#text.length >= BUFFER) await this.#flush();
      this.#proc.noteProgress();
      if (block.length < width) break;
    }
    return at;
  }

  #address(at: number): string {
    const [base, width] = this.#radix;
    return width === 0 ? '' : at.toString(base).padStart(width, '0');
  }

  #line(at: number, block: Uint8Array): void {
    const padded = new Uint8Array(this.#width.width);
    padded.set(block);
    const view = new DataView(padded.buffer);
    for (const [i, format] of this.#formats.entries()) {
      const lead = i === 0 ? this.#address(at) : ' '.repeat(this.#radix[1]);
      this.#text += `${lead}${this.#data(view, block.length, format)}${format.trailer ? this.#trailer(block, format) : ''}\n`;
    }
  }

  #data(view: DataView, length: number, format: OdFormat): string {
    const fields = this.#width.width / format.size;
    const pad = this.#columns - format.width * fields;
    const blank = Math.floor((this.#width.width - length) / format.size);
    let padLeft = pad;
    let text = '';
    for (let left = fields; left > blank; left--) {
      const after = Math.floor((pad * (left - 1)) / fields);
      const shown = format.show(view, (fields - left) * format.size, this.#little);
      text += shown.padStart(padLeft - after + format.width);
      padLeft = after;
    }
    return text;
  }

  #trailer(block: Uint8Array, format: OdFormat): string {
    const fields = this.#width.width / format.size;
    const pad = this.#columns - format.width * fields;
    const blank = Math.floor((this.#width.width - block.length) / format.size);
    const blanks = blank * format.width + Math.floor((pad * blank) / fields);
    const text = [...block].map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.'));
    return `${' '.repeat(blanks)}  >${text.join('')}<`;
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    await this.#proc.out(text);
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The bytes of several files, one after the other. */
class Input {
  /** A file could not be read. */
  failed = false;
  readonly #proc: Process;
  readonly #files: string[];
  #file = '';
  #fd: number | undefined;

  constructor(proc: Process, files: readonly string[]) {
    this.#proc = proc;
    this.#files = [...files];
  }

  /** @returns whether there were so many bytes */
  async skip(count: number): Promise<boolean> {
    for (let left = count; left > 0; ) {
      const piece = await this.#piece(Math.min(left, BUFFER));
      if (piece === undefined) return false;
      left -= piece.length;
    }
    return true;
  }

  /** @returns fewer bytes at the end only */
  async read(count: number): Promise<Uint8Array> {
    const block = new Uint8Array(count);
    let have = 0;
    while (have < count) {
      const piece = await this.#piece(count - have);
      if (piece === undefined) break;
      block.set(piece, have);
      have += piece.length;
    }
    return block.subarray(0, have);
  }

  close(): void {
    if (this.#fd !== undefined) closeInput(this.#proc, this.#fd);
    this.#fd = undefined;
  }

  /** Opens the next file that there is; a directory is one, whose bytes can't be read. @returns false if there is none */
  async open(): Promise<boolean> {
    for (;;) {
      const file = this.#files.shift();
      if (file === undefined) return false;
      this.#file = file;
      try {
        this.#fd = openInput(this.#proc, file);
        return true;
      } catch (e) {
        await this.#report(e);
        if (e instanceof KernelError && e.errno === 'EISDIR' && this.#files.length === 0)
          return true;
      }
    }
  }

  async #report(e: unknown): Promise<void> {
    if (!(e instanceof KernelError)) throw e;
    this.failed = true;
    await this.#proc.err(`od: ${this.#file}: ${strerror(e.errno)}\n`);
  }

  async #piece(most: number): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#fd === undefined) await this.open();
      if (this.#fd === undefined) return undefined;
      try {
        const piece = await this.#proc.read(this.#fd, most);
        if (piece.length > 0) return piece;
      } catch (e) {
        await this.#report(e);
      }
      this.close();
    }
  }
}
