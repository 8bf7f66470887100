import { DOMParser, type Element, type Node } from '@xmldom/xmldom';
import { diagnose } from './diagnose.ts';
import { XmlElement } from './element.ts';

/** Text that is no XML document; the message says where, in libxml2's words. */
export class XmlSyntaxError extends Error {}

/** Stands for the namespace of a prefix that has none. */
const NO_NAMESPACE = 'urn:unbound';
const ELEMENT = 1;
const TEXT = 3;
const CDATA = 4;
const COMMENT = 8;

/**
 * Reads a document. virXMLParseStringCtxt()
 * @param what how an error calls the document: `(network_definition)`
 * @throws XmlSyntaxError
 */
export function parseXml(text: string, what: string): XmlElement {
  const problem = diagnose(text);
  if (problem !== undefined) throw new XmlSyntaxError(`${what}:${problem}`);
  return toElement(parse(text, what));
}

/** Whatever the library refuses beyond what {@link diagnose} finds, such as a prefix that stands for no namespace. */
function parse(text: string, what: string): Element {
  const refuse = (level: string, message: string): never => {
    throw new XmlSyntaxError(`${what}: ${level}: ${message}`);
  };
  try {
    const parser = new DOMParser({ onError: refuse, xmlns: unboundPrefixes(text) });
    const document = parser.parseFromString(text, 'text/xml');
    return document.documentElement ?? refuse('error', 'Document is empty');
  } catch (e) {
    if (e instanceof XmlSyntaxError) throw e;
    throw new XmlSyntaxError(`${what}: ${e instanceof Error ? e.message : String(e)}`);
  }
}

/** A namespace for each prefix, unless the document has one: libxml2 lets a prefix stand for nothing. */
function unboundPrefixes(text: string): Record<string, string> {
  const prefixes = [...text.matchAll(/[<\s]([\w.-]+):[\w.-]+/g)].map((m) => m[1] ?? '');
  return Object.fromEntries(prefixes.filter((p) => p !== 'xmlns').map((p) => [p, NO_NAMESPACE]));
}

function toElement(element: Element): XmlElement {
  const attributes = new Map<string, string>();
  for (const { name, value } of Array.from(element.attributes)) attributes.set(name, value);
  const children = Array.from(element.childNodes)
    .filter((n: Node) => n.nodeType === ELEMENT)
    .map((n: Node) => toElement(n as Element));
  return new XmlElement({
    name: element.tagName,
    namespace: element.namespaceURI === NO_NAMESPACE ? '' : (element.namespaceURI ?? ''),
    attributes,
    children,
    text: element.textContent ?? '',
    source: dump(element),
  });
}

/** xmlNodeDump(): elements that hold no text are laid out over lines. */
function dump(node: Element): string {
  const attributes = Array.from(node.attributes)
    .map((a) => ` ${a.name}="${escapeText(a.value).replace(/"/g, '&quot;')}"`)
    .join('');
  const open = `<${node.tagName}${attributes}`;
  const nodes = Array.from(node.childNodes).filter(
    (n: Node) => n.nodeType !== TEXT || (n.nodeValue ?? '').trim() !== '',
  );
  if (nodes.length === 0) return `${open}/>`;
  const parts = nodes.map(dumpNode);
  const close = `</${node.tagName}>`;
  if (nodes.some((n: Node) => n.nodeType === TEXT || n.nodeType === CDATA))
    return `${open}>${parts.join('')}${close}`;
  const lines = parts.map((p) => `  ${p.split('\n').join('\n  ')}\n`);
  return `${open}>\n${lines.join('')}${close}`;
}

function dumpNode(node: Node): string {
  switch (node.nodeType) {
    case ELEMENT:
      return dump(node as Element);
    case CDATA:
      return `<![CDATA[${node.nodeValue}]]>`;
    case COMMENT:
      return `<!--${node.nodeValue}-->`;
    default:
      return escapeText(node.nodeValue ?? '');
  }
}

function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
