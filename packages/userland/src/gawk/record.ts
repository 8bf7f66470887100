import { awkRegExp } from './lex.ts';

/** The present record and its fields: a change of either changes the other. */
export class AwkRecord {
  #text = '';
  #fields: string[] | undefined = [];
  #stale = false;

  /** Sets $0; its fields are cut when asked for. */
  set(text: string): void {
    this.#text = text;
    this.#fields = undefined;
    this.#stale = false;
  }

  /** $0 */
  text(ofs: string): string {
    if (this.#stale) {
      this.#text = (this.#fields ?? []).join(ofs);
      this.#stale = false;
    }
    return this.#text;
  }

  /** $1 and so on. */
  fields(fs: string): string[] {
    this.#fields ??= splitFields(this.#text, fs);
    return this.#fields;
  }

  /** Assigns a field, making those before it if need be. */
  setField(n: number, value: string, fs: string): void {
    const fields = this.fields(fs);
    while (fields.length < n) fields.push('');
    fields[n - 1] = value;
    this.#stale = true;
  }

  /** Assigns NF. */
  setCount(n: number, fs: string): void {
    const fields = this.fields(fs);
    while (fields.length < n) fields.push('');
    fields.length = n;
    this.#stale = true;
  }
}

/** Cuts a text into fields: a space means runs of blanks, one character itself, more a regular expression. */
export function splitFields(text: string, fs: string): string[] {
  if (text === '') return [];
  if (fs === ' ') {
    const trimmed = text.replace(/^[ \t\n]+|[ \t\n]+$/g, '');
    return trimmed === '' ? [] : trimmed.split(/[ \t\n]+/);
  }
  if (fs === '') return [...text];
  if (fs === '\t' || (fs.length === 1 && fs !== '\\')) return text.split(fs);
  return splitByRegExp(text, awkRegExp(fs));
}

/** Cuts a text at every match that is not empty. */
export function splitByRegExp(text: string, regexp: RegExp): string[] {
  if (text === '') return [];
  const out: string[] = [];
  let at = 0;
  for (const m of text.matchAll(regexp)) {
    if (m[0] === '') continue;
    out.push(text.slice(at, m.index));
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return out;
}
