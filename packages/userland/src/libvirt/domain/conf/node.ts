import { type Attribute, type XmlElement, XmlWriter } from '../../xml/index.ts';

/** An element of a domain's XML while it is filled in: unlike what was read, it can be changed. */
export class XmlNode {
  readonly name: string;
  readonly attrs: Map<string, string>;
  children: XmlNode[];
  /** Text, of an element without children. */
  text: string;

  constructor(
    name: string,
    attrs: Readonly<Record<string, string | undefined>> = {},
    children: readonly XmlNode[] = [],
    text = '',
  ) {
    this.name = name;
    const given = Object.entries(attrs).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    );
    this.attrs = new Map(given);
    this.children = [...children];
    this.text = text;
  }

  /** The element with all that is in it, as it was written. */
  static copyOf(element: XmlElement): XmlNode {
    const node = new XmlNode(element.name);
    for (const [key, value] of element.attributes) node.attrs.set(key, value);
    node.children = element.children.map(XmlNode.copyOf);
    if (node.children.length === 0) node.text = element.text;
    return node;
  }

  /** A copy that can be changed by itself. */
  clone(): XmlNode {
    const copy = new XmlNode(
      this.name,
      {},
      this.children.map((c) => c.clone()),
      this.text,
    );
    for (const [key, value] of this.attrs) copy.attrs.set(key, value);
    return copy;
  }

  attr(name: string): string | undefined {
    return this.attrs.get(name);
  }

  /** Sets an attribute; undefined takes it away. */
  set(name: string, value: string | undefined): void {
    if (value === undefined) this.attrs.delete(name);
    else this.attrs.set(name, value);
  }

  child(name: string): XmlNode | undefined {
    return this.children.find((c) => c.name === name);
  }

  all(name: string): XmlNode[] {
    return this.children.filter((c) => c.name === name);
  }

  /** Takes elements of a name out. */
  remove(name: string): void {
    this.children = this.children.filter((c) => c.name !== name);
  }

  /** Puts an element in its place among the others by `order`, in place of those of its name. */
  put(child: XmlNode, order: readonly string[]): void {
    this.remove(child.name);
    const rank = order.indexOf(child.name);
    const at = this.children.findIndex((c) => order.indexOf(c.name) > rank);
    this.children.splice(at < 0 ? this.children.length : at, 0, child);
  }

  /** Writes it. */
  write(out: XmlWriter): void {
    const attributes: Attribute[] = [...this.attrs];
    if (this.children.length > 0)
      out.element(this.name, attributes, () => {
        for (const child of this.children) child.write(out);
      });
    else if (this.text !== '') out.leaf(this.name, this.text, ...attributes);
    else out.empty(this.name, ...attributes);
  }

  /** Itself as a document. */
  toString(): string {
    const out = new XmlWriter();
    this.write(out);
    return out.toString();
  }
}

/** What libvirt keeps for others: libxml2 writes it, with double quotes. virDomainMetadataFormat() */
export class ForeignNode extends XmlNode {
  override clone(): ForeignNode {
    return new ForeignNode(this.name, {}, this.children, this.text);
  }

  override write(out: XmlWriter): void {
    const own = new XmlWriter();
    super.write(own);
    out.lines(own.toString().replace(/='([^']*)'/g, '="$1"'));
  }
}
