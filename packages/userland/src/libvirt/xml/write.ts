/** Control characters that XML cannot hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\x01-\x08\x0b\x0c\x0e-\x1f]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as it stands in XML. virBufferEscapeString() */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[<>&"']/g, (c) => ENTITIES[c] as string);
}

/** An attribute and its value; undefined leaves it out. */
export type Attribute = readonly [name: string, value: string | number | undefined];

/** Writes XML as libvirt does: two blanks per level, single quotes. libvirt virBuffer, virXMLFormatElement() */
export class XmlWriter {
  #text = '';
  #depth = 0;

  /** All that was written. */
  toString(): string {
    return this.#text;
  }

  /** A line, indented. */
  line(text: string): void {
    this.#text += `${'  '.repeat(this.#depth)}${text}\n`;
  }

  /** Lines as they are, indented. virBufferAddStr() */
  lines(text: string): void {
    for (const line of text.replace(/\n$/, '').split('\n')) this.line(line);
  }

  /** `<name a='b'/>` */
  empty(name: string, ...attributes: readonly Attribute[]): void {
    this.line(`<${name}${attributesText(attributes)}/>`);
  }

  /** `<name a='b'>text</name>` */
  leaf(name: string, text: string, ...attributes: readonly Attribute[]): void {
    this.line(`<${name}${attributesText(attributes)}>${escapeXml(text)}</${name}>`);
  }

  /** An element with what `body` writes in it. */
  element(name: string, attributes: readonly Attribute[], body: () => void): void {
    this.line(`<${name}${attributesText(attributes)}>`);
    this.#depth++;
    body();
    this.#depth--;
    this.line(`</${name}>`);
  }

  /** An element that is written `<name/>` if `body` writes nothing, and left out if it has no attribute either. virXMLFormatElement() */
  optional(name: string, attributes: readonly Attribute[], body: () => void): void {
    const before = this.#text;
    this.#text = '';
    this.#depth++;
    body();
    this.#depth--;
    const inner = this.#text;
    this.#text = before;
    if (inner === '') {
      if (attributes.some(([, v]) => v !== undefined)) this.empty(name, ...attributes);
      return;
    }
    this.line(`<${name}${attributesText(attributes)}>`);
    this.#text += inner;
    this.line(`</${name}>`);
  }
}

function attributesText(attributes: readonly Attribute[]): string {
  return attributes
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}='${escapeXml(String(value))}'`)
    .join('');
}
