import { utf8Encode } from '@labwire/core/bytes';
import { FileHandle, type Process, type Program } from '../machine/index.ts';
import { closeInput, LineReader, openInput, readAll, readInput, readInputText } from './input.ts';
import { eachFile, type Options, quote, ToolError, tool } from './tool.ts';

/** Reads a count with its multiplier: 10, 2K, +3. */
export function count(text: string, what: string): number {
  const m = /^[-+]?(\d+)([bkKmMG]?)B?$/.exec(text);
  if (m === null) throw new ToolError(`invalid number of ${what}: ${quote(text)}`);
  const units: Readonly<Record<string, number>> = {
    '': 1,
    b: 512,
    k: 1024,
    K: 1024,
    m: 1 << 20,
    M: 1 << 20,
    G: 1 << 30,
  };
  return Number(m[1]) * (units[m[2] as string] as number);
}

/** Lets `head -5` and `tail -5` be `-n 5`. */
export function oldCount(words: readonly string[]): string[] {
  const isCount = (a: string, i: number) => /^-\d+$/.test(a) && !/^-[nc]$/.test(words[i - 1] ?? '');
  return words.flatMap((a, i) => (isCount(a, i) ? ['-n', a.slice(1)] : [a]));
}

const HEAD_LONGS = { 'lines=': 'n', 'bytes=': 'c', quiet: 'q', silent: 'q', verbose: 'v' };

/** Prints `==> FILE <==` before each file where there are several. */
export async function title(
  proc: Process,
  options: Options,
  files: readonly string[],
  i: number,
): Promise<void> {
  const shown = options.has('v') || (files.length > 1 && !options.has('q'));
  const name = files[i] === '-' ? 'standard input' : files[i];
  if (shown) await proc.out(`${i > 0 ? '\n' : ''}==> ${name} <==\n`);
}

/** head(1). */
export const head: Program = tool(
  { name: 'head', letters: 'n:c:qvz', longs: HEAD_LONGS, spell: oldCount },
  async (proc, options, operands) => {
    const files = operands.length > 0 ? operands : ['-'];
    const n = options.value('n') ?? '10';
    const c = options.value('c');
    let i = 0;
    return openEach(proc, 'head', files, async (fd) => {
      await title(proc, options, files, i++);
      if (c !== undefined) await headBytes(proc, fd, count(c, 'bytes'), c.startsWith('-'));
      else await headLines(proc, fd, count(n, 'lines'), n.startsWith('-'));
    });
  },
);

/** Runs something for each input; what cannot be opened is printed as `NAME: cannot open 'FILE' for reading: WHY`. */
export async function openEach(
  proc: Process,
  name: string,
  files: readonly string[],
  body: (fd: number) => Promise<void>,
): Promise<number> {
  let status = 0;
  for (const file of files) {
    const path = proc.path(file);
    if (file !== '-' && proc.fs.exists(path) && proc.fs.stat(path).type === 'dir') {
      await proc.err(`${name}: error reading ${quote(file)}: Is a directory\n`);
      status = 1;
      continue;
    }
    let fd: number;
    try {
      fd = openInput(proc, file);
    } catch (e) {
      await proc.err(`${name}: cannot open ${quote(file)} for reading: ${(e as Error).message}\n`);
      status = 1;
      continue;
    }
    await body(fd);
    closeInput(proc, fd);
  }
  return status;
}

async function headLines(proc: Process, fd: number, n: number, allBut: boolean): Promise<void> {
  const reader = new LineReader(proc, fd);
  const kept: string[] = [];
  for (let i = 0; allBut || i < n; i++) {
    const line = await reader.next();
    if (line === undefined) return;
    kept.push(line + (reader.terminated ? '\n' : ''));
    if (!allBut || kept.length > n) await proc.out(kept.shift() as string);
  }
}

async function headBytes(proc: Process, fd: number, n: number, allBut: boolean): Promise<void> {
  if (allBut) {
    const all = await readAll(proc, fd);
    await proc.write(1, all.subarray(0, Math.max(0, all.length - n)));
    return;
  }
  for (let left = n; left > 0; ) {
    const data = await proc.read(fd, left);
    if (data.length === 0) return;
    await proc.write(1, data);
    left -= data.length;
  }
}

/** wc(1). */
export const wc: Program = tool(
  {
    name: 'wc',
    letters: 'lwcmL',
    longs: { lines: 'l', words: 'w', bytes: 'c', chars: 'm', 'max-line-length': 'L' },
  },
  async (proc, options, operands) => {
    const keys = ['l', 'w', 'm', 'c', 'L'].filter((k) => options.has(k));
    const shown = keys.length > 0 ? keys : ['l', 'w', 'c'];
    const rows: (readonly [Counts, string])[] = [];
    const files = operands.length > 0 ? operands : ['-'];
    const status = await eachFile(proc, 'wc', files, async (file) => {
      rows.push([counts(await readInput(proc, file)), operands.length > 0 ? file : '']);
    });
    if (files.length > 1) rows.push([rows.reduce((sum, [c]) => add(sum, c), ZERO), 'total']);
    const width = fieldWidth(proc, shown, operands);
    for (const [c, name] of rows) {
      const fields = shown.map((k) => String(c[k as keyof Counts]).padStart(width));
      await proc.out(`${fields.join(' ')}${name === '' ? '' : ` ${name}`}\n`);
    }
    return status;
  },
);

/** Counts by option letter. */
interface Counts {
  readonly l: number;
  readonly w: number;
  readonly m: number;
  readonly c: number;
  readonly L: number;
}

const ZERO: Counts = { l: 0, w: 0, m: 0, c: 0, L: 0 };

function counts(data: Uint8Array): Counts {
  let lines = 0;
  let words = 0;
  let chars = 0;
  let inWord = false;
  let width = 0;
  let widest = 0;
  for (const byte of data) {
    if ((byte & 0xc0) !== 0x80) chars++;
    if (byte === 10) {
      lines++;
      widest = Math.max(widest, width);
      width = 0;
    } else if ((byte & 0xc0) !== 0x80) width++;
    const space = byte === 32 || (byte >= 9 && byte <= 13);
    if (!space && !inWord) words++;
    inWord = !space;
  }
  return { l: lines, w: words, m: chars, c: data.length, L: Math.max(widest, width) };
}

function add(a: Counts, b: Counts): Counts {
  return { l: a.l + b.l, w: a.w + b.w, m: a.m + b.m, c: a.c + b.c, L: Math.max(a.L, b.L) };
}

/** How wide each number is printed: as wide as the sizes of all files together. coreutils wc.c, compute_number_width() */
function fieldWidth(proc: Process, shown: readonly string[], operands: readonly string[]): number {
  if (shown.length === 1 && operands.length <= 1) return 1;
  const sizes = (operands.length > 0 ? operands : ['-']).map((f) => sizeOf(proc, f));
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return Math.max(sizes.includes(undefined) ? 7 : 1, String(total).length);
}

/** The size of an ordinary file; undefined if it is none. */
function sizeOf(proc: Process, file: string): number | undefined {
  if (file !== '-') return isRegular(proc, file) ? proc.fs.stat(proc.path(file)).size : undefined;
  const input = proc.fds.get(0);
  return input instanceof FileHandle ? input.inode.size : undefined;
}

function isRegular(proc: Process, file: string): boolean {
  const path = proc.path(file);
  return proc.fs.exists(path) && proc.fs.stat(path).type === 'file';
}

/** tee(1). */
export const tee: Program = tool(
  { name: 'tee', letters: 'aip', longs: { append: 'a', 'ignore-interrupts': 'i' } },
  async (proc, options, operands) => {
    const append = options.has('a');
    const fds: number[] = [];
    const status = await eachFile(proc, 'tee', operands, async (file) => {
      fds.push(proc.open(file, { write: true, create: true, truncate: !append, append }));
    });
    let failed = status;
    for (;;) {
      const data = await proc.read(0);
      if (data.length === 0) return failed;
      await proc.write(1, data);
      for (const [i, fd] of fds.entries()) {
        failed = Math.max(
          failed,
          await eachFile(proc, 'tee', [operands[i] as string], () => proc.write(fd, data)),
        );
      }
    }
  },
);

/** uniq(1). */
export const uniq: Program = tool(
  {
    name: 'uniq',
    letters: 'cdDuif:s:w:z',
    longs: { count: 'c', repeated: 'd', unique: 'u', 'ignore-case': 'i' },
  },
  async (proc, options, operands) => {
    const reader = new LineReader(proc, openOrFail(proc, operands[0] ?? '-'));
    const out =
      operands[1] === undefined
        ? 1
        : proc.open(operands[1], { write: true, create: true, truncate: true });
    const key = (line: string) => uniqKey(line, options);
    let held: string | undefined;
    let times = 0;
    const flush = async () => {
      if (held === undefined || (options.has('d') && times < 2) || (options.has('u') && times > 1))
        return;
      const prefix = options.has('c') ? `${String(times).padStart(7)} ` : '';
      await proc.write(out, utf8Encode(`${prefix}${held}\n`));
    };
    for (;;) {
      const line = await reader.next();
      if (line !== undefined && held !== undefined && key(line) === key(held)) {
        times++;
        continue;
      }
      await flush();
      if (line === undefined) return 0;
      held = line;
      times = 1;
    }
  },
);

function uniqKey(line: string, options: Options): string {
  let key = line;
  const fields = Number(options.value('f') ?? 0);
  for (let i = 0; i < fields; i++) key = key.replace(/^[ \t]*[^ \t]*/, '');
  key = key.slice(Number(options.value('s') ?? 0));
  const width = options.value('w');
  if (width !== undefined) key = key.slice(0, Number(width));
  return options.has('i') ? key.toLowerCase() : key;
}

/** Opens an input. @throws ToolError with the tool's text */
export function openOrFail(proc: Process, file: string): number {
  try {
    return openInput(proc, file);
  } catch (e) {
    throw new ToolError(`${file}: ${(e as Error).message}`);
  }
}

/** tac(1). */
export const tac: Program = tool({ name: 'tac', letters: '' }, async (proc, _options, operands) =>
  eachFile(proc, 'tac', operands.length > 0 ? operands : ['-'], async (file) => {
    const text = await readInputText(proc, file);
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    await proc.out(lines.reverse().join(''));
  }),
);
