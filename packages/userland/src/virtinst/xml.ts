import { escapeXml } from '../libvirt/xml/index.ts';

/** An element as lines, in the way virt-install prints it. */
export function element(
  name: string,
  attrs: Readonly<Record<string, string | undefined>>,
  content: readonly string[] | string = [],
): string[] {
  const given = Object.entries(attrs).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXml(value)}"`],
  );
  const head = `<${name}${given.join('')}`;
  if (typeof content === 'string') return [`${head}>${escapeXml(content)}</${name}>`];
  if (content.length === 0) return [`${head}/>`];
  return [`${head}>`, ...content.map((line) => `  ${line}`), `</${name}>`];
}
