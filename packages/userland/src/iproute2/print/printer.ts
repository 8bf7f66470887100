import { type Color, type Palette, paint } from './color.ts';
import { type FormatValue, format } from './format.ts';
import { JsonWriter } from './json-writer.ts';

/** How a command's answer looks. */
export interface PrintOptions {
  readonly json: boolean;
  readonly pretty: boolean;
  /** Line ends inside an entry are backslashes: `-o`. */
  readonly oneline: boolean;
  readonly palette: Palette;
}

/**
 * Prints an answer as text or as JSON from the same calls, so that the two never differ in content: iproute2's print_*().
 * A method's `key` is JSON's; its format is the text's.
 */
export class Printer {
  readonly #options: PrintOptions;
  readonly #writeText: (text: string) => void;
  #json: JsonWriter | undefined;

  /** @param writeText takes what is printed */
  constructor(options: PrintOptions, writeText: (text: string) => void) {
    this.#options = options;
    this.#writeText = writeText;
  }

  /** Whether JSON is being written: between {@link begin} and {@link end} under `-j`. */
  get isJson(): boolean {
    return this.#json !== undefined;
  }

  /** Begins an answer: JSON's outer array. new_json_obj() */
  begin(): void {
    this.beginPlain();
    this.#json?.startArray();
  }

  /** Ends it. delete_json_obj() */
  end(): void {
    this.#json?.endArray();
    this.endPlain();
  }

  /** As {@link begin}, with no outer array. new_json_obj_plain() */
  beginPlain(): void {
    if (this.#options.json) this.#json = new JsonWriter(this.#options.pretty);
  }

  /** Ends {@link beginPlain}. delete_json_obj_plain() */
  endPlain(): void {
    if (this.#json !== undefined) this.#writeText(`${this.#json.text}\n`);
    this.#json = undefined;
  }

  /** A property. PRINT_ANY */
  field(key: string, fmt: string, value: FormatValue, color?: Color): void {
    if (this.#json !== undefined) this.json(key, value);
    else this.#writeText(paint(format(fmt, value), color, this.#options.palette));
  }

  /** A property whose text is in hexadecimal and whose JSON is a string of it. print_0xhex() */
  hex(key: string, fmt: string, value: number): void {
    if (this.#json !== undefined) this.json(key, format('%#x', value));
    else this.text(format(fmt, value));
  }

  /** A property that is true; in text its words. print_bool() */
  flag(key: string, words: string): void {
    if (this.#json !== undefined) this.json(key, true);
    else this.text(words);
  }

  /** A property that has no value; in text its words. print_null() */
  mark(key: string, words: string): void {
    if (this.#json !== undefined) this.json(key, null);
    else this.text(words);
  }

  /** A property that is true or false, in text `on` or `off`. print_on_off() */
  onOff(key: string, fmt: string, value: boolean): void {
    if (this.#json !== undefined) this.json(key, value);
    else this.text(format(fmt, value ? 'on' : 'off'));
  }

  /** A member of an array. */
  item(fmt: string, value: FormatValue): void {
    if (this.#json !== undefined) this.#json.value(value);
    else this.text(format(fmt, value));
  }

  /** What only the text has. PRINT_FP */
  text(text: string, color?: Color): void {
    if (this.#json === undefined) this.#writeText(paint(text, color, this.#options.palette));
  }

  /** What only JSON has. PRINT_JSON */
  json(key: string, value: string | number | boolean | null): void {
    this.#json?.name(key);
    this.#json?.value(value);
  }

  /** A JSON property whose value is written as it is: a decimal with its zeros. */
  jsonRaw(key: string, json: string): void {
    this.#json?.name(key);
    this.#json?.raw(json);
  }

  openObject(key?: string): void {
    if (key !== undefined) this.#json?.name(key);
    this.#json?.startObject();
  }

  closeObject(): void {
    this.#json?.endObject();
  }

  /** Opens an array; in text `words` stand in its place. */
  openArray(key?: string, words = ''): void {
    if (this.#json === undefined) this.text(words);
    else {
      if (key !== undefined) this.#json.name(key);
      this.#json.startArray();
    }
  }

  closeArray(words = ''): void {
    if (this.#json === undefined) this.text(words);
    else this.#json.endArray();
  }

  /** What ends a line inside an entry: `\` under `-o`. iproute2's _SL_ */
  get lineEnd(): string {
    return this.#options.oneline ? '\\' : '\n';
  }

  /** Ends a line inside an entry. print_nl() */
  nl(): void {
    this.text(this.lineEnd);
  }
}
