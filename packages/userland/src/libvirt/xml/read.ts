import { DOMParser, type Element, type Node, XMLSerializer } from '@xmldom/xmldom';
import { diagnose } from './diagnose.ts';
import { XmlElement } from './element.ts';

/** Text that is no XML document; the message says where, in libxml2's words. */
export class XmlSyntaxError extends Error {}

const ELEMENT_NODE = 1;

/**
 * Reads a document. virXMLParseStringCtxt()
 * @param what how an error calls the document: `(network_definition)`
 * @throws XmlSyntaxError
 */
export function parseXml(text: string, what: string): XmlElement {
  const problem = diagnose(text);
  if (problem !== undefined) throw new XmlSyntaxError(`${what}:${problem}`);
  const refuse = (level: string, message: string) => {
    throw new XmlSyntaxError(`${what}: ${level}: ${message}`);
  };
  const root = parseStrictly(text, refuse);
  return toElement(root);
}

function parseStrictly(text: string, refuse: (level: string, message: string) => never): Element {
  try {
    const parser = new DOMParser({ onError: refuse, xmlns: () => undefined } as object);
    const { documentElement } = parser.parseFromString(text, 'text/xml');
    return documentElement ?? refuse('error', 'Document is empty');
  } catch (e) {
    throw e instanceof Error && e.cause instanceof XmlSyntaxError ? e.cause : e;
  }
}

function toElement(element: Element): XmlElement {
  const attributes = new Map<string, string>();
  for (const { name, value } of Array.from(element.attributes)) attributes.set(name, value);
  const nodes: Node[] = Array.from(element.childNodes);
  const children = nodes
    .filter((n) => n.nodeType === ELEMENT_NODE)
    .map((n) => toElement(n as Element));
  return new XmlElement({
    name: element.tagName,
    attributes,
    children,
    text: element.textContent ?? '',
    source: new XMLSerializer().serializeToString(element),
  });
}
