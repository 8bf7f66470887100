import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import type { Process, Program } from '../machine/index.ts';
import { quote, ToolError, tool, UsageError } from './tool.ts';

/** tr(1), on bytes as GNU's is. */
export const tr: Program = tool(
  {
    name: 'tr',
    letters: '+cCdst',
    longs: { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' },
  },
  async (proc, options, operands) => {
    const [first, second] = operands;
    const remove = options.has('d');
    const squeeze = options.has('s');
    checkOperands(operands, remove, squeeze);
    let from = parseSet(first as string);
    if (options.has('c', 'C')) from = complement(from);
    const to = second === undefined ? [] : parseSet(second);
    if (to.length === 0 && second !== undefined && !remove)
      throw new ToolError('when not truncating set1, string2 must be non-empty');
    const map =
      remove || second === undefined ? undefined : translation(from, to, options.has('t'));
    const squeezed = new Set(second === undefined ? from : to);
    await copy(proc, remove ? new Set(from) : undefined, map, squeeze ? squeezed : undefined);
    return 0;
  },
);

function checkOperands(operands: readonly string[], remove: boolean, squeeze: boolean): void {
  const [first, second, extra] = operands;
  if (first === undefined) throw new UsageError('missing operand');
  const two = remove === squeeze;
  if (second === undefined && two)
    throw new UsageError(
      `missing operand after ${quote(first)}\nTwo strings must be given when ${remove ? 'both deleting and squeezing repeats' : 'translating'}.`,
    );
  if (remove && !squeeze && second !== undefined)
    throw new UsageError(
      `extra operand ${quote(second)}\nOnly one string may be given when deleting without squeezing repeats.`,
    );
  if (extra !== undefined) throw new UsageError(`extra operand ${quote(extra)}`);
}

async function copy(
  proc: Process,
  remove: ReadonlySet<number> | undefined,
  map: Uint8Array | undefined,
  squeeze: ReadonlySet<number> | undefined,
): Promise<void> {
  let last = -1;
  for (;;) {
    const data = await proc.read(0);
    if (data.length === 0) return;
    const out = new Uint8Array(data.length);
    let n = 0;
    for (const byte of data) {
      if (remove?.has(byte) === true) continue;
      const b = map === undefined ? byte : (map[byte] as number);
      if (squeeze?.has(b) === true && b === last) continue;
      out[n++] = last = b;
    }
    await proc.write(1, out.subarray(0, n));
  }
}

function translation(
  from: readonly number[],
  to: readonly number[],
  truncate: boolean,
): Uint8Array {
  const map = Uint8Array.from({ length: 256 }, (_, i) => i);
  const last = to.at(-1) as number;
  from.forEach((byte, i) => {
    const target = to[i] ?? (truncate ? undefined : last);
    if (target !== undefined) map[byte] = target;
  });
  return map;
}

function complement(set: readonly number[]): number[] {
  const all = Array.from({ length: 256 }, (_, i) => i);
  return all.filter((b) => !set.includes(b));
}

const CLASSES: Readonly<Record<string, (b: number) => boolean>> = {
  digit: (b) => b >= 48 && b <= 57,
  lower: (b) => b >= 97 && b <= 122,
  upper: (b) => b >= 65 && b <= 90,
  alpha: (b) => (b | 32) >= 97 && (b | 32) <= 122,
  alnum: (b) => (b >= 48 && b <= 57) || ((b | 32) >= 97 && (b | 32) <= 122),
  space: (b) => b === 32 || (b >= 9 && b <= 13),
  blank: (b) => b === 32 || b === 9,
  cntrl: (b) => b < 32 || b === 127,
  print: (b) => b >= 32 && b < 127,
  graph: (b) => b > 32 && b < 127,
  punct: (b) => b > 32 && b < 127 && !/[0-9A-Za-z]/.test(String.fromCharCode(b)),
  xdigit: (b) => /[0-9A-Fa-f]/.test(String.fromCharCode(b)),
};

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  '\\': 92,
};

/** Reads a set: characters, ranges, classes, escapes. */
function parseSet(text: string): number[] {
  const bytes = utf8Encode(text);
  const out: number[] = [];
  let at = 0;
  const one = (): number => {
    const b = bytes[at++] as number;
    if (b !== 92 || at >= bytes.length) return b;
    const octal = /^[0-7]{1,3}/.exec(utf8Decode(bytes, at, Math.min(at + 3, bytes.length)));
    if (octal !== null) {
      at += octal[0].length;
      return Number.parseInt(octal[0], 8) & 255;
    }
    const c = String.fromCharCode(bytes[at++] as number);
    return ESCAPES[c] ?? c.charCodeAt(0);
  };
  while (at < bytes.length) {
    const named = /^\[:(\w+):\]/.exec(utf8Decode(bytes, at));
    if (named !== null) {
      const test = CLASSES[named[1] as string];
      if (test === undefined)
        throw new ToolError(`invalid character class ${quote(named[1] as string)}`);
      for (let b = 0; b < 256; b++) if (test(b)) out.push(b);
      at += named[0].length;
      continue;
    }
    const b = one();
    if (bytes[at] === 45 && at + 1 < bytes.length) {
      at++;
      const end = one();
      if (end < b)
        throw new ToolError(
          `range-endpoints of ${quote(`${String.fromCharCode(b)}-${String.fromCharCode(end)}`)} are in reverse collating sequence order`,
        );
      for (let x = b; x <= end; x++) out.push(x);
    } else out.push(b);
  }
  return out;
}
