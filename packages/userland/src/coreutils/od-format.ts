import { formatFloat } from './printf-format.ts';
import { quote, ToolError } from './tool.ts';

/** How bytes are shown. */
export interface OdFormat {
  /** Bytes of a datum. */
  readonly size: number;
  /** Columns of a datum without the blanks before it. */
  readonly width: number;
  /** The datum at a place. */
  readonly show: (view: DataView, at: number, little: boolean) => string;
  /** The characters are shown at the end of the line, too: `z`. */
  readonly trailer: boolean;
}

type Size = 1 | 2 | 4 | 8;
type Base = 'd' | 'o' | 'u' | 'x';

const BASES: Readonly<Record<Base, number>> = { d: 10, o: 8, u: 10, x: 16 };
/** Columns for 1, 2, 4 and 8 bytes. coreutils src/od.c, bytes_to_*_digits[] */
const WIDTHS: Readonly<Record<Base, readonly number[]>> = {
  d: [4, 6, 11, 20],
  o: [3, 6, 11, 22],
  u: [3, 5, 10, 20],
  x: [2, 4, 8, 16],
};
/** Sizes by the name of C's type. */
const INTEGERS: Readonly<Record<string, number>> = { C: 1, S: 2, I: 4, L: 8 };
const FLOATS: Readonly<Record<string, number>> = { F: 4, D: 8, L: 16 };

/** Names of the characters below blank. */
const CONTROLS =
  'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(
    ' ',
  );
const ESCAPES: Readonly<Record<number, string>> = {
  0: '\\0',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
};

function namedCharacter(byte: number): string {
  const low = byte & 0x7f;
  return low === 0x7f ? 'del' : (CONTROLS[low] ?? String.fromCharCode(low));
}

function character(byte: number): string {
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return ESCAPES[byte] ?? byte.toString(8).padStart(3, '0');
}

function integer(base: Base, size: Size): OdFormat['show'] {
  const digits = (WIDTHS[base] as readonly number[])[Math.log2(size)] as number;
  const padded = base === 'o' || base === 'x';
  return (view, at, little) => {
    const value =
      size === 8
        ? view.getBigUint64(at, little)
        : BigInt(
            size === 4
              ? view.getUint32(at, little)
              : size === 2
                ? view.getUint16(at, little)
                : view.getUint8(at),
          );
    if (base === 'd') return BigInt.asIntN(size * 8, value).toString();
    const text = value.toString(BASES[base]);
    return padded ? text.padStart(digits, '0') : text;
  };
}

/** The fewest digits that read back as the same number. gnulib lib/ftoastr.c */
function shortest(value: number, digits: number, same: (read: number) => boolean): string {
  for (let precision = digits; ; precision++) {
    const text = formatFloat({ flags: '', width: 0, precision, kind: 'g' }, value);
    if (!Number.isFinite(value)) return text;
    if (precision >= 17 || same(Number(text))) return text;
  }
}

function float(size: 4 | 8): OdFormat['show'] {
  return (view, at, little) => {
    const negative = view.getUint8(little ? at + size - 1 : at) >= 0x80;
    if (Number.isNaN(size === 8 ? view.getFloat64(at, little) : view.getFloat32(at, little)))
      return negative ? '-nan' : 'nan';
    if (size === 8) {
      const value = view.getFloat64(at, little);
      return shortest(value, Math.abs(value) < 2 ** -1022 ? 1 : 15, (read) => read === value);
    }
    const value = view.getFloat32(at, little);
    const least = Math.abs(value) < 2 ** -126 ? 1 : 6;
    return shortest(value, least, (read) => Math.fround(read) === value);
  };
}

/** Reads one size: a number, a letter of C's types, or none. @returns what it is and how long its text is */
function sizeOf(
  whole: string,
  rest: string,
  names: Readonly<Record<string, number>>,
  otherwise: number,
): { size: number; length: number } {
  const named = names[rest[0] ?? ''];
  if (named !== undefined) return { size: named, length: 1 };
  const digits = /^\d*/.exec(rest)?.[0] ?? '';
  if (digits === '') return { size: otherwise, length: 0 };
  if (BigInt(digits) > 0xffff_ffff_ffff_ffffn)
    throw new ToolError(`invalid type string ${quote(whole)}`);
  return { size: Number(digits), length: digits.length };
}

/** Reads a type string such as `x1z` or `d2c`. @throws ToolError; source: coreutils src/od.c, decode_format_string() */
export function parseOdFormats(whole: string): OdFormat[] {
  const formats: OdFormat[] = [];
  for (let at = 0; at < whole.length; ) {
    const letter = whole[at++] as string;
    let format: Omit<OdFormat, 'trailer'>;
    if (letter === 'a' || letter === 'c') {
      const text = letter === 'a' ? namedCharacter : character;
      format = { size: 1, width: 3, show: (view, i) => text(view.getUint8(i)) };
    } else if (letter in BASES) {
      const { size, length } = sizeOf(whole, whole.slice(at), INTEGERS, 4);
      if (![1, 2, 4, 8].includes(size)) throw noSuch(whole, size, 'integral');
      at += length;
      const width = WIDTHS[letter as Base][Math.log2(size)] as number;
      format = { size, width, show: integer(letter as Base, size as Size) };
    } else if (letter === 'f') {
      const { size, length } = sizeOf(whole, whole.slice(at), FLOATS, 8);
      if (size === 16) throw new ToolError(`-t ${whole}: long double is not supported here`);
      if (size !== 4 && size !== 8) throw noSuch(whole, size, 'floating point');
      at += length;
      format = { size, width: size === 4 ? 15 : 24, show: float(size) };
    } else {
      throw new ToolError(`invalid character '${letter}' in type string ${quote(whole)}`);
    }
    const trailer = whole[at] === 'z';
    if (trailer) at++;
    formats.push({ ...format, trailer });
  }
  return formats;
}

function noSuch(whole: string, size: number, kind: string): ToolError {
  return new ToolError(
    `invalid type string ${quote(whole)};\nthis system doesn't provide a ${size}-byte ${kind} type`,
  );
}
