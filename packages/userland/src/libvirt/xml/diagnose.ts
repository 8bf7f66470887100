/** What is wrong at a place of a document. */
class Malformed extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const NAME = /[A-Za-z_:\u0080-\uffff][-A-Za-z0-9._:\u0080-\uffff]*/y;
const ENTITIES: readonly string[] = ['lt', 'gt', 'amp', 'quot', 'apos'];

/**
 * The first place where a text is no well-formed XML.
 * @returns `LINE: MESSAGE`, the line, and a mark below the place, as libvirt prints what libxml2 reports
 *   (libvirt src/util/virxml.c, catchXMLError()); undefined if all is well
 */
export function diagnose(text: string): string | undefined {
  if (text === '') return '1: Document is empty\n(null)\n^';
  try {
    new Scanner(text).document();
    return undefined;
  } catch (e) {
    if (!(e instanceof Malformed)) throw e;
    return describe(text, e);
  }
}

function describe(text: string, { message, at }: Malformed): string {
  const lineNumber = text.slice(0, at).split('\n').length;
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', start);
  const line = text.slice(start, end < 0 ? undefined : end);
  return `${lineNumber}: ${message}\n${line}\n${'-'.repeat(at - start)}^`;
}

/** Goes over a document once, as libxml2's parser does. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#misc();
    if (this.#text[this.#at] !== '<') throw this.#error("Start tag expected, '<' not found");
    this.#element();
    this.#misc();
    if (this.#at < this.#text.length) throw this.#error('Extra content at the end of the document');
  }

  #error(message: string, at: number = this.#at): Malformed {
    return new Malformed(message, at);
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    this.#at += pattern.exec(this.#text)?.[0].length ?? 0;
  }

  /** Blanks, comments, processing instructions and a document type. */
  #misc(): void {
    for (;;) {
      this.#skip(/[ \t\r\n]*/y);
      if (!this.#bracketed()) return;
    }
  }

  /** Goes behind a comment, CDATA section, processing instruction or document type. @returns whether there was one */
  #bracketed(): boolean {
    for (const [open, close, what] of [
      ['<!--', '-->', 'Comment not terminated'],
      ['<![CDATA[', ']]>', 'CData section not finished'],
      ['<?', '?>', 'ParsePI: PI not finished'],
      [
        '<!DOCTYPE',
        '>',
        'internal error: xmlParseInternalSubset: error detected in Markup declaration',
      ],
    ] as const) {
      if (!this.#text.startsWith(open, this.#at)) continue;
      const end = this.#text.indexOf(close, this.#at + open.length);
      if (end < 0) throw this.#error(what, this.#text.length);
      this.#at = end + close.length;
      return true;
    }
    return false;
  }

  /** All elements of the document, with a stack of those that are open. */
  #element(): void {
    const open: { readonly name: string; readonly line: number }[] = [];
    do {
      if (this.#text.startsWith('</', this.#at)) this.#endTag(open);
      else if (this.#bracketed()) continue;
      else if (this.#text[this.#at] === '<') this.#startTag(open);
      else this.#characters(open);
    } while (open.length > 0);
  }

  #startTag(open: { readonly name: string; readonly line: number }[]): void {
    const line = this.#line();
    this.#at++;
    const name = this.#name();
    if (name === '') throw this.#error('StartTag: invalid element name');
    this.#attributes(name, line);
    if (this.#text.startsWith('/>', this.#at)) this.#at += 2;
    else {
      this.#at++;
      open.push({ name, line });
    }
  }

  #line(): number {
    return this.#text.slice(0, this.#at).split('\n').length;
  }

  #name(): string {
    const start = this.#at;
    this.#skip(NAME);
    return this.#text.slice(start, this.#at);
  }

  #attributes(element: string, line: number): void {
    const names = new Set<string>();
    for (;;) {
      const before = this.#at;
      this.#skip(/[ \t\r\n]*/y);
      if (this.#text[this.#at] === '>' || this.#text.startsWith('/>', this.#at)) return;
      if (this.#at >= this.#text.length || this.#text[this.#at] === '<')
        throw this.#error(`Couldn't find end of Start Tag ${element} line ${line}`);
      if (before === this.#at) throw this.#error('attributes construct error');
      const name = this.#name();
      if (name === '') throw this.#error(`error parsing attribute name`);
      this.#attributeValue(name);
      if (names.has(name)) throw this.#error(`Attribute ${name} redefined`);
      names.add(name);
    }
  }

  #attributeValue(name: string): void {
    this.#skip(/[ \t\r\n]*/y);
    if (this.#text[this.#at] !== '=')
      throw this.#error(`Specification mandates value for attribute ${name}`);
    this.#at++;
    this.#skip(/[ \t\r\n]*/y);
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") throw this.#error(`AttValue: " or ' expected`);
    this.#at++;
    for (; this.#text[this.#at] !== quote; this.#at++) {
      const c = this.#text[this.#at];
      if (c === undefined) throw this.#error(`AttValue: ' expected`);
      if (c === '<') throw this.#error("Unescaped '<' not allowed in attributes values");
      if (c === '&') this.#reference();
    }
    this.#at++;
  }

  #endTag(open: { readonly name: string; readonly line: number }[]): void {
    const current = open.pop();
    this.#at += 2;
    const name = this.#name();
    this.#skip(/[ \t\r\n]*/y);
    if (this.#text[this.#at] !== '>') throw this.#error("expected '>'");
    this.#at++;
    if (current !== undefined && current.name !== name)
      throw this.#error(
        `Opening and ending tag mismatch: ${current.name} line ${current.line} and ${name}`,
      );
  }

  #characters(open: readonly { readonly name: string; readonly line: number }[]): void {
    for (; this.#text[this.#at] !== '<'; this.#at++) {
      if (this.#at >= this.#text.length) {
        const last = open.at(-1);
        throw this.#error(`Premature end of data in tag ${last?.name} line ${last?.line}`);
      }
      if (this.#text[this.#at] === '&') this.#reference();
    }
  }

  /** Goes to the last character of `&name;`. */
  #reference(): void {
    this.#at++;
    if (this.#text[this.#at] === '#') {
      const match = /#(?:x[0-9a-fA-F]+|[0-9]+);/y;
      match.lastIndex = this.#at;
      const found = match.exec(this.#text);
      if (found === null) throw this.#error('xmlParseCharRef: invalid decimal value', this.#at + 1);
      this.#at += found[0].length - 1;
      return;
    }
    const name = this.#name();
    if (name === '') throw this.#error('xmlParseEntityRef: no name');
    if (this.#text[this.#at] !== ';') throw this.#error("EntityRef: expecting ';'");
    if (!ENTITIES.includes(name)) throw this.#error(`Entity '${name}' not defined`, this.#at + 1);
  }
}
