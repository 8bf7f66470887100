/** Bytes that JSON strings escape, as iproute2 does: nothing but these. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\f': '\\f',
  '\b': '\\b',
  '\\': '\\\\',
  '"': '\\"',
};

function quote(text: string): string {
  return `"${text.replace(/[\t\n\r\f\b\\"]/g, (c) => ESCAPES[c] as string)}"`;
}

/** Writes JSON as it comes, in iproute2's layout. Source: iproute2 lib/json_writer.c. */
export class JsonWriter {
  readonly #pretty: boolean;
  #depth = 0;
  #separator = '';
  /** What has been written. */
  text = '';

  /** @param pretty one property a line, indented by four spaces */
  constructor(pretty: boolean) {
    this.#pretty = pretty;
  }

  startObject(): void {
    this.#begin('{');
  }

  endObject(): void {
    this.#end('}');
  }

  startArray(): void {
    this.#begin('[');
    if (this.#pretty) this.text += ' ';
  }

  endArray(): void {
    if (this.#pretty && this.#separator !== '') this.text += ' ';
    this.#separator = '';
    this.#end(']');
  }

  /** A property's name; its value comes next. */
  name(name: string): void {
    this.#separate();
    this.#newLine();
    this.#separator = '';
    this.text += `${quote(name)}:${this.#pretty ? ' ' : ''}`;
  }

  value(value: string | number | boolean | null): void {
    this.raw(typeof value === 'string' ? quote(value) : String(value));
  }

  /** A value that is JSON already. */
  raw(json: string): void {
    this.#separate();
    this.text += json;
  }

  #begin(bracket: string): void {
    this.#separate();
    this.text += bracket;
    this.#depth++;
    this.#separator = '';
  }

  #end(bracket: string): void {
    this.#depth--;
    if (this.#separator !== '') this.#newLine();
    this.text += bracket;
    this.#separator = ',';
  }

  #separate(): void {
    this.text += this.#separator;
    this.#separator = ',';
  }

  #newLine(): void {
    if (this.#pretty) this.text += `\n${'    '.repeat(this.#depth)}`;
  }
}
