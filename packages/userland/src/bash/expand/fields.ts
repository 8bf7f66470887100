import type { Piece } from './pattern.ts';

/** Collects the fields that a word expands to. */
export class Fields {
  readonly #done: Piece[][] = [];
  #current: Piece[] | undefined;
  readonly #ifs: string;

  /** @param ifs the value of IFS */
  constructor(ifs: string) {
    this.#ifs = ifs;
  }

  /** Adds text that is not split; an empty quoted text makes a field too. */
  add(text: string, quoted: boolean): void {
    if (text === '' && !quoted) return;
    this.#current ??= [];
    this.#current.push({ text, quoted });
  }

  /** Ends the present field, if one has begun. */
  end(): void {
    if (this.#current !== undefined) this.#done.push(this.#current);
    this.#current = undefined;
  }

  /** Adds the value of an unquoted expansion: split at IFS. POSIX 2.6.5 */
  split(value: string): void {
    if (this.#ifs === '') {
      this.add(value, false);
      return;
    }
    let text = '';
    for (let i = 0; i < value.length; i++) {
      if (!this.#ifs.includes(value[i] as string)) {
        text += value[i];
        continue;
      }
      this.add(text, false);
      text = '';
      i = this.#delimiter(value, i);
    }
    this.add(text, false);
  }

  /** Ends a field at a delimiter: white space around one other character counts as one. @returns its last position */
  #delimiter(value: string, start: number): number {
    let i = start;
    while (this.#isSpace(value[i])) i++;
    const other = value[i] !== undefined && this.#ifs.includes(value[i] as string);
    if (other) {
      if (i === start || this.#current !== undefined) this.#current ??= [];
      this.end();
      i++;
      while (this.#isSpace(value[i])) i++;
    } else this.end();
    return i - 1;
  }

  #isSpace(c: string | undefined): boolean {
    return c !== undefined && ' \t\n'.includes(c) && this.#ifs.includes(c);
  }

  /** The fields. */
  finish(): Piece[][] {
    this.end();
    return this.#done;
  }
}

/** The text of a field without regard to quotes. */
export function fieldText(field: readonly Piece[]): string {
  let text = '';
  for (const piece of field) text += piece.text;
  return text;
}
