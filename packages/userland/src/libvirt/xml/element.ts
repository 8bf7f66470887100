/** An element of an XML document, as libvirt's parsers look at one. */
export class XmlElement {
  /** With its prefix, as written. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text in it, that of its elements included: XPath `string(.)`. */
  readonly text: string;
  /** Itself as libxml2 would write it. */
  readonly source: string;

  constructor(init: {
    readonly name: string;
    readonly attributes: ReadonlyMap<string, string>;
    readonly children: readonly XmlElement[];
    readonly text: string;
    readonly source: string;
  }) {
    this.name = init.name;
    this.attributes = init.attributes;
    this.children = init.children;
    this.text = init.text;
    this.source = init.source;
  }

  /** The value of an attribute. */
  attr(name: string): string | undefined {
    return this.attributes.get(name);
  }

  /** The first element of a name in it. */
  child(name: string): XmlElement | undefined {
    return this.children.find((c) => c.name === name);
  }

  /** All elements of a name in it, in order. */
  all(name: string): XmlElement[] {
    return this.children.filter((c) => c.name === name);
  }

  /** The text of its first element of a name; undefined if there is none or it is empty. virXPathString("string(./NAME[1])") */
  childText(name: string): string | undefined {
    const text = this.child(name)?.text;
    return text === '' ? undefined : text;
  }
}
