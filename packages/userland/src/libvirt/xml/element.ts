/** What an {@link XmlElement} is made of. */
export interface XmlElementInit {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  readonly source: string;
}

/** An element of an XML document, as libvirt's parsers look at one. */
export class XmlElement {
  /** With its prefix, as written. */
  readonly name: string;
  /** Its namespace's URI; empty if it is in none. */
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text in it, that of its elements included: XPath `string(.)`. */
  readonly text: string;
  /** Itself as libxml2 writes it: xmlNodeDump() with two blanks per level. */
  readonly source: string;

  constructor(init: XmlElementInit) {
    this.name = init.name;
    this.namespace = init.namespace;
    this.attributes = init.attributes;
    this.children = init.children;
    this.text = init.text;
    this.source = init.source;
  }

  /** Whether it is the element `name` of a namespace, whatever its prefix. */
  isNamed(namespace: string, name: string): boolean {
    return this.namespace === namespace && this.name.slice(this.name.indexOf(':') + 1) === name;
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
