import type { U32Match } from '@labwire/devices/netfilter';
import { type IptablesError, parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { hex, strtouiPrefix } from '../../core/numbers.ts';
import { not } from '../format.ts';

/** Tests of a rule, operations of a location, values of a test. XT_U32_MAXSIZE */
const MAX_SIZE = 10;

type Test = U32Match['tests'][number];
type Op = Test['location'][number]['op'];

/** Reads `START&MASK>>SHIFT=VALUE:VALUE&&…`. `u32_parse()`, whose complaints say at which character. */
class U32Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Test[] {
    const tests: Test[] = [];
    for (;;) {
      const location = this.#location();
      const values = this.#values();
      const [first, ...rest] = location;
      tests.push({ offset: first?.number ?? 0, location: rest, values });
      if (this.#end()) break;
      if (tests.length > MAX_SIZE) throw this.#problem('too many "&&"s');
    }
    if (tests.length > MAX_SIZE) throw this.#problem('too many "&&"s');
    return tests;
  }

  #problem(what: string, at: number = this.#at): IptablesError {
    return parameterProblem(`u32: at char ${at}: ${what}`);
  }

  #end(): boolean {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#at >= this.#text.length;
  }

  /** Up to and with `=`; the operation of the first number is of no meaning. */
  #location(): { op: Op; number: number }[] {
    const location: { op: Op; number: number }[] = [];
    for (;;) {
      if (this.#end()) throw parameterProblem('u32: abrupt end of input after location specifier');
      if (this.#text[this.#at] === '=') {
        if (location.length === 0) throw this.#problem('location spec missing');
        this.#at++;
        return location;
      }
      const op = location.length === 0 ? '@' : this.#operator();
      location.push({ op, number: this.#number() });
      if (location.length > MAX_SIZE) throw this.#problem('too many operators');
    }
  }

  #operator(): Op {
    const c = this.#text[this.#at];
    if (c === '<' || c === '>') {
      this.#at++;
      if (this.#text[this.#at] !== c) throw this.#problem(`a second '${c}' was expected`);
    } else if (c !== '&' && c !== '@') throw this.#problem('operator expected');
    this.#at++;
    return c === '<' ? '<<' : c === '>' ? '>>' : c;
  }

  #number(): number {
    const got = strtouiPrefix(this.#text.slice(this.#at), 0, 0xffff_ffff);
    if (got === undefined) throw this.#problem('not a number or out of range');
    this.#at = this.#text.length - got.rest.length;
    return got.value;
  }

  /** Up to the end or with `&&`. */
  #values(): { min: number; max: number }[] {
    const values: { min: number; max: number }[] = [];
    for (;;) {
      if (this.#end()) {
        if (values.length === 0) throw parameterProblem('u32: test ended with no value specified');
        return values;
      }
      if (this.#text[this.#at] === '&') {
        this.#at++;
        if (this.#text[this.#at] !== '&') throw this.#problem("a second '&' was expected");
        if (values.length === 0) throw this.#problem('value spec missing');
        this.#at++;
        if (this.#end())
          throw parameterProblem('u32: abrupt end of input after location specifier');
        return values;
      }
      if (values.length > 0) {
        if (this.#text[this.#at] !== ',') throw this.#problem('expected "," or "&&"');
        this.#at++;
      }
      values.push(this.#range());
      if (values.length > MAX_SIZE) throw this.#problem('too many ","s');
    }
  }

  #range(): { min: number; max: number } {
    const min = this.#number();
    this.#end();
    if (this.#text[this.#at] !== ':') return { min, max: min };
    this.#at++;
    return { min, max: this.#number() };
  }
}

function dump(m: U32Match): string {
  const tests = m.tests.map(({ offset, location, values }) => {
    const steps = location.map(({ op, number }) => op + hex(number)).join('');
    const wanted = values.map((v) =>
      v.min === v.max ? hex(v.min) : `${hex(v.min)}:${hex(v.max)}`,
    );
    return `${hex(offset)}${steps}=${wanted.join(',')}`;
  });
  return ` "${tests.join('&&')}"`;
}

/** `-m u32`. extensions/libxt_u32.c */
export const u32: MatchExtension = defineMatch<U32Match, { match?: U32Match }>({
  name: 'u32',
  kinds: ['u32'],
  options: [{ name: 'u32', type: 'string', mandatory: true, invert: true }],
  init: () => ({}),
  parse({ value, invert }, state) {
    state.match = { kind: 'u32', tests: new U32Parser(value.text).parse(), invert };
  },
  finish: (state) => state.match as U32Match,
  print: (m) => ` u32${not(m)}${dump(m)}`,
  save: (m) => `${not(m)} --u32${dump(m)}`,
});
