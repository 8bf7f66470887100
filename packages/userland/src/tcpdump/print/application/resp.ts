import type { Dissector } from '../base/index.ts';

const CR = 13;
const LF = 10;
const MAX_INT = 2_147_483_647;

/** What a length says that is none. */
const ODD: Readonly<Record<string, string>> = {
  null: ' null',
  large: ' length too large',
  negative: ' length negative and not -1',
  invalid: ' invalid',
};

/** Prints commands and answers of a Redis server. print-resp.c */
export function respPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'resp';
  d.print(': RESP');
  const reader = new Reader(d, off, off + length);
  while (reader.left > 0)
    if (!reader.item()) {
      d.trunc();
      return;
    }
}

/** A place in a segment. Each method says whether what it reads is whole. */
class Reader {
  readonly #d: Dissector;
  readonly #end: number;
  #at: number;

  constructor(d: Dissector, at: number, end: number) {
    this.#d = d;
    this.#at = at;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  item(): boolean {
    if (this.left < 1) return false;
    switch (String.fromCharCode(this.#d.u8(this.#at))) {
      case '+':
      case '-':
      case ':':
        return this.#line();
      case '$':
        return this.#bulk();
      case '*':
        return this.#array();
      default:
        return this.#inline();
    }
  }

  #segment(at: number, length: number): boolean {
    this.#d.print(' "');
    if (!this.#d.printn(at, length)) return false;
    this.#d.print('"');
    return true;
  }

  /** Where the next CR LF is; undefined if there is none. */
  #lineEnd(from: number): number | undefined {
    for (let at = from; ; at++) {
      if (this.#end - at < 2 || !this.#d.has(at, 2)) return undefined;
      if (this.#d.u8(at) === CR && this.#d.u8(at + 1) === LF) return at;
    }
  }

  #line(): boolean {
    const start = this.#at + 1;
    const end = this.#lineEnd(start);
    if (end === undefined || !this.#segment(start, end - start)) return false;
    this.#at = end + 2;
    return true;
  }

  #bulk(): boolean {
    const length = this.#length();
    if (length === 'cut') return false;
    if (typeof length === 'string') {
      this.#d.print(ODD[length] as string);
      return true;
    }
    if (length === 0) this.#d.print(' empty');
    else {
      if (this.left < length || !this.#d.has(this.#at, length)) return false;
      if (!this.#segment(this.#at, length)) return false;
      this.#at += length;
    }
    const end = this.#lineEnd(this.#at);
    if (end === undefined) return false;
    this.#at = end + 2;
    return true;
  }

  #array(): boolean {
    const length = this.#length();
    if (length === 'cut') return false;
    if (typeof length === 'string') this.#d.print(ODD[length] as string);
    else if (length === 0) this.#d.print(' empty');
    else for (let i = 0; i < length; i++) if (!this.item()) return false;
    return true;
  }

  /** A command as people type it. */
  #inline(): boolean {
    if (!this.#skipLineEnds()) return false;
    const start = this.#at;
    for (let at = start; ; at++) {
      if (at >= this.#end) return false;
      if (!this.#isLineEnd(at)) continue;
      if (!this.#segment(start, at - start)) return false;
      this.#at = at;
      return this.#skipLineEnds();
    }
  }

  #isLineEnd(at: number): boolean {
    const c = this.#d.u8(at);
    return c === CR || c === LF;
  }

  #skipLineEnds(): boolean {
    let found = false;
    while (this.left > 0 && this.#d.has(this.#at, 1)) {
      if (!this.#isLineEnd(this.#at)) return true;
      found = true;
      this.#at++;
    }
    return found;
  }

  /** The number behind `$` or `*`, and its line's end. resp_get_length() */
  #length(): number | 'cut' | 'null' | 'large' | 'negative' | 'invalid' {
    this.#at++;
    if (this.left === 0) return 'cut';
    const negative = this.#d.u8(this.#at) === 45;
    if (negative) this.#at++;
    let digits = '';
    for (; this.left > 0; this.#at++) {
      const c = this.#d.u8(this.#at);
      if (c < 48 || c > 57) break;
      digits += String.fromCharCode(c);
    }
    if (this.left === 0) return 'cut';
    if (digits === '') return this.#invalid();
    for (const wanted of [CR, LF]) {
      if (this.left === 0) return 'cut';
      if (this.#d.u8(this.#at) !== wanted) return this.#invalid();
      this.#at++;
    }
    const value = Number(digits);
    if (negative) return value === 1 ? 'null' : 'negative';
    return value > MAX_INT ? 'large' : value;
  }

  #invalid(): 'invalid' {
    this.#at++;
    return 'invalid';
  }
}
