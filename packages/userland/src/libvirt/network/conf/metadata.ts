import type { XmlElement } from '../../xml/index.ts';

/** `<metadata>` as it will be written: elements of a namespace, the first of each. virXMLNodeSanitizeNamespaces() */
export function formatMetadata(element: XmlElement): string {
  const seen = new Set<string>();
  const kept = element.children.filter(({ namespace }) => {
    if (namespace === '' || seen.has(namespace)) return false;
    seen.add(namespace);
    return true;
  });
  if (kept.length === 0) return '<metadata/>';
  const lines = kept.map((e) => `  ${e.source.split('\n').join('\n  ')}\n`);
  return `<metadata>\n${lines.join('')}</metadata>`;
}
