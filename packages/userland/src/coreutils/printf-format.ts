import { expandEscapes } from './escapes.ts';

/** What printf prints. */
export interface Printed {
  readonly text: string;
  /** Messages for standard error, without the program's name. */
  readonly errors: readonly string[];
}

const DIRECTIVE =
  /%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d+)?)?(?:hh|h|ll|l|j|z|t|q|L)?([diouxXcsbqeEfFgGaA%]|\(([^)]*)\)T)|%./gs;

/** Formats the shell's way: the format is used again until no argument is left. POSIX printf(1) */
export function formatPrintf(
  format: string,
  args: readonly string[],
  quote: (text: string) => string = (t) => t,
): Printed {
  const errors: string[] = [];
  const rest = [...args];
  let text = '';
  for (;;) {
    const before = rest.length;
    const once = formatOnce(format, rest, errors, quote);
    text += once.text;
    if (once.stop || rest.length === 0 || rest.length === before) return { text, errors };
  }
}

function formatOnce(
  format: string,
  rest: string[],
  errors: string[],
  quote: (text: string) => string,
): { text: string; stop: boolean } {
  let out = '';
  let at = 0;
  for (const m of format.matchAll(DIRECTIVE)) {
    const literal = expandEscapes(format.slice(at, m.index), 'plain');
    out += literal.text;
    if (literal.stop) return { text: out, stop: true };
    at = m.index + m[0].length;
    const one = directive(m, rest, errors, quote);
    if (one === undefined) return { text: out, stop: true };
    out += one.text;
    if (one.stop) return { text: out, stop: true };
  }
  const tail = expandEscapes(format.slice(at), 'plain');
  return { text: out + tail.text, stop: tail.stop };
}

function directive(
  m: RegExpMatchArray,
  rest: string[],
  errors: string[],
  quote: (text: string) => string,
): { text: string; stop: boolean } | undefined {
  const [whole, flags = '', width, precision, kind] = m;
  if (kind === '%') return { text: '%', stop: false };
  if (kind === undefined) {
    errors.push(`\`${whole[1]}': invalid format character`);
    return undefined;
  }
  const size = width === '*' ? Number(rest.shift() ?? 0) : Number(width ?? 0);
  const hasDot = whole.includes('.');
  const exact =
    precision === '*' ? Number(rest.shift() ?? 0) : hasDot ? Number(precision ?? 0) : undefined;
  const arg = rest.shift();
  const spec = { flags, width: size, precision: exact, kind };
  if (kind === 'b') {
    const done = expandEscapes(arg ?? '', 'zero');
    return { text: pad(cut(done.text, exact), spec), stop: done.stop };
  }
  return { text: convert(spec, arg, errors, quote), stop: false };
}

interface Spec {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly kind: string;
}

function convert(
  spec: Spec,
  arg: string | undefined,
  errors: string[],
  quote: (text: string) => string,
): string {
  switch (spec.kind) {
    case 's':
      return pad(cut(arg ?? '', spec.precision), spec);
    case 'c':
      return pad((arg ?? '').slice(0, 1), spec);
    case 'q':
      return pad(quote(arg ?? ''), spec);
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
      return formatInteger(spec, parseInteger(arg, errors));
    default:
      return formatFloat(spec, parseFloatArg(arg, errors));
  }
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined || precision < 0 ? text : text.slice(0, precision);
}

function pad(text: string, spec: Spec): string {
  const left = spec.flags.includes('-') || spec.width < 0;
  const width = Math.abs(spec.width);
  return left ? text.padEnd(width) : text.padStart(width);
}

function parseInteger(arg: string | undefined, errors: string[]): bigint {
  if (arg === undefined || arg === '') return 0n;
  if (/^["']/.test(arg)) return BigInt(arg.codePointAt(1) ?? 0);
  const m = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(arg);
  if (m === null || m[0].length < arg.length) errors.push(`${arg}: invalid number`);
  if (m === null) return 0n;
  const digits = m[2] as string;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return m[1] === '-' ? -value : value;
}

function formatInteger(spec: Spec, value: bigint): string {
  const { kind, flags } = spec;
  const signed = kind === 'd' || kind === 'i';
  const magnitude = signed ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  const radix = kind === 'o' ? 8 : kind === 'x' || kind === 'X' ? 16 : 10;
  let digits = magnitude.toString(radix);
  if (kind === 'X') digits = digits.toUpperCase();
  if (spec.precision !== undefined) digits = digits.padStart(spec.precision, '0');
  const alternate = flags.includes('#') && magnitude !== 0n && radix !== 10;
  const base = !alternate ? '' : kind === 'o' ? '0' : `0${kind}`;
  const sign = signed ? signOf(value < 0n, flags) : '';
  return zeroPad(sign + base, digits, spec);
}

function signOf(negative: boolean, flags: string): string {
  return negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function zeroPad(head: string, digits: string, spec: Spec): string {
  const zeros =
    spec.flags.includes('0') &&
    !spec.flags.includes('-') &&
    (spec.precision === undefined || /[eEfFgG]/.test(spec.kind));
  if (zeros) return head + digits.padStart(spec.width - head.length, '0');
  return pad(head + digits, spec);
}

function parseFloatArg(arg: string | undefined, errors: string[]): number {
  if (arg === undefined || arg === '') return 0;
  if (/^["']/.test(arg)) return arg.codePointAt(1) ?? 0;
  const m = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(arg);
  if (m === null || m[0].length < arg.length) errors.push(`${arg}: invalid number`);
  return m === null ? 0 : Number(m[0]);
}

/** A number as C's %e, %f and %g print it. */
export function formatFloat(spec: Spec, value: number): string {
  const magnitude = Math.abs(value);
  const precision = spec.precision ?? 6;
  let digits: string;
  if (!Number.isFinite(magnitude)) digits = Number.isNaN(value) ? 'nan' : 'inf';
  else if (/[fF]/.test(spec.kind)) digits = magnitude.toFixed(precision);
  else if (/[eE]/.test(spec.kind)) digits = exponent(magnitude.toExponential(precision));
  else digits = general(magnitude, precision, spec.flags.includes('#'));
  if (/[EFGA]/.test(spec.kind)) digits = digits.toUpperCase();
  return zeroPad(signOf(value < 0 || Object.is(value, -0), spec.flags), digits, spec);
}

function exponent(text: string): string {
  return text.replace(/e([-+])(\d)$/, 'e$10$2');
}

function general(value: number, precision: number, keepZeros: boolean): string {
  const p = precision === 0 ? 1 : precision;
  if (value === 0) return '0';
  const x = Number(value.toExponential(p - 1).split('e')[1] as string);
  const text = x < -4 || x >= p ? exponent(value.toExponential(p - 1)) : value.toFixed(p - 1 - x);
  if (keepZeros || !text.includes('.')) return text;
  const [mantissa = '', power] = text.split('e');
  const digits = mantissa.replace(/\.?0+$/, '');
  return power === undefined ? digits : `${digits}e${power}`;
}
