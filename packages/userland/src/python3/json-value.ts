/** A JSON value as Python's json module reads it: whole numbers keep their digits, objects their last value of a name. */
export type JsonValue =
  | string
  | boolean
  | null
  | { readonly int: string }
  | { readonly float: number }
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>;

/** What is wrong with a text, and at which character. Source: CPython Lib/json/decoder.py, JSONDecodeError */
export class JsonError extends Error {
  constructor(what: string, text: string, at: number) {
    const line = text.slice(0, at).split('\n').length;
    const column = at - text.lastIndexOf('\n', at - 1);
    super(`${what}: line ${line} column ${column} (char ${at})`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const CONSTANTS: readonly (readonly [word: string, value: JsonValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', { float: Number.NaN }],
  ['Infinity', { float: Infinity }],
  ['-Infinity', { float: -Infinity }],
];

/** Reads a text. Source: Lib/json/decoder.py, scanner.py @throws JsonError */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonValue {
    this.#blanks();
    const value = this.#value();
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#error('Extra data');
    return value;
  }

  #error(what: string, at = this.#at): JsonError {
    return new JsonError(what, this.#text, at);
  }

  #blanks(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #value(): JsonValue {
    const c = this.#text[this.#at];
    if (c === '"') return this.#string();
    if (c === '{') return this.#object();
    if (c === '[') return this.#array();
    for (const [word, value] of CONSTANTS)
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    return this.#number();
  }

  #number(): JsonValue {
    const m = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
    m.lastIndex = this.#at;
    const found = m.exec(this.#text);
    if (found === null) throw this.#error('Expecting value');
    this.#at += found[0].length;
    if (found[1] !== undefined || found[2] !== undefined) return { float: Number(found[0]) };
    return { int: found[0] === '-0' ? '0' : found[0] };
  }

  #array(): JsonValue {
    const list: JsonValue[] = [];
    this.#at++;
    this.#blanks();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return list;
    }
    for (;;) {
      list.push(this.#value());
      if (this.#isOver(']')) return list;
      this.#blanks();
    }
  }

  /** What stands behind an element: a comma, or the end. */
  #isOver(end: string): boolean {
    this.#blanks();
    const c = this.#text[this.#at];
    if (c !== ',' && c !== end) throw this.#error("Expecting ',' delimiter");
    this.#at++;
    return c === end;
  }

  #object(): JsonValue {
    const NAME = 'Expecting property name enclosed in double quotes';
    const map = new Map<string, JsonValue>();
    this.#at++;
    this.#blanks();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return map;
    }
    for (;;) {
      if (this.#text[this.#at] !== '"') throw this.#error(NAME);
      const name = this.#string();
      this.#blanks();
      if (this.#text[this.#at] !== ':') throw this.#error("Expecting ':' delimiter");
      this.#at++;
      this.#blanks();
      map.set(name, this.#value());
      if (this.#isOver('}')) return map;
      this.#blanks();
    }
  }

  #string(): string {
    const begin = this.#at++;
    let text = '';
    for (;;) {
      const c = this.#text[this.#at];
      if (c === undefined) throw this.#error('Unterminated string starting at', begin);
      if (c < ' ') throw this.#error('Invalid control character at');
      this.#at++;
      if (c === '"') return text;
      text += c === '\\' ? this.#escape(begin) : c;
    }
  }

  #escape(begin: number): string {
    const c = this.#text[this.#at];
    if (c === undefined) throw this.#error('Unterminated string starting at', begin);
    if (c === 'u') {
      const hex = this.#text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#error('Invalid \\uXXXX escape');
      this.#at += 5;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const plain = ESCAPES[c];
    if (plain === undefined) throw this.#error('Invalid \\escape', this.#at - 1);
    this.#at++;
    return plain;
  }
}

/** The value of a text. @throws JsonError */
export function readJson(text: string): JsonValue {
  return new Reader(text).read();
}

/** How a value is laid out. */
export interface JsonLayout {
  /** What a level is indented by; undefined for all on one line. */
  readonly indent: string | undefined;
  readonly comma: string;
  readonly colon: string;
  readonly ascii: boolean;
  readonly sorted: boolean;
}

/** A float as Python's repr() has it. */
function floatText(n: number): string {
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'NaN' : n > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(n, -0)) return '-0.0';
  const exp = n === 0 ? 0 : Number(n.toExponential().split('e')[1]);
  if (exp >= -4 && exp < 16) {
    const text = exp < 0 ? n.toFixed(20).replace(/0+$/, '') : String(n);
    const exact = Number(text) === n ? text : String(n);
    return exact.includes('.') ? exact : `${exact}.0`;
  }
  const [mantissa, e = ''] = n.toExponential().split('e');
  return `${mantissa}e${e[0]}${e.slice(1).padStart(2, '0')}`;
}

function stringText(text: string, ascii: boolean): string {
  const quoted = JSON.stringify(text);
  if (!ascii) return quoted;
  return quoted.replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Writes a value. Source: Lib/json/encoder.py */
export function writeJson(value: JsonValue, layout: JsonLayout, pad = ''): string {
  if (typeof value === 'string') return stringText(value, layout.ascii);
  if (value === null || typeof value === 'boolean') return String(value);
  if ('int' in value) return value.int;
  if ('float' in value) return floatText(value.float);
  const inner = layout.indent === undefined ? '' : pad + layout.indent;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const items = Array.isArray(value)
    ? value.map((v: JsonValue) => writeJson(v, layout, inner))
    : pairs(value as ReadonlyMap<string, JsonValue>, layout, inner);
  if (items.length === 0) return `${open}${close}`;
  if (layout.indent === undefined) return `${open}${items.join(layout.comma)}${close}`;
  return `${open}\n${inner}${items.join(`${layout.comma}\n${inner}`)}\n${pad}${close}`;
}

function pairs(map: ReadonlyMap<string, JsonValue>, layout: JsonLayout, inner: string): string[] {
  const entries = [...map];
  if (layout.sorted) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return entries.map(
    ([k, v]) => `${stringText(k, layout.ascii)}${layout.colon}${writeJson(v, layout, inner)}`,
  );
}
