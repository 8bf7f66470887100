/** Changes as `nft monitor` and `nft -e` tell of them. src/monitor.c */
import type { NftEvent } from '@labwire/devices/netfilter';
import {
  textChain,
  textElement,
  textFlowtable,
  textObject,
  textRule,
  textSet,
} from '../print/index.ts';
import type { Style } from '../type/index.ts';

/** A block's lines put on one: `{ # handle 6 type ipv4_addr; flags timeout; } `. */
function onOneLine(block: string, end: string): string {
  const [head = '', ...rest] = block.trimEnd().split('\n');
  const lines = rest.slice(0, -1).map((l) => l.trim());
  return `${head.trim().replace(/^[\w ]+ \S+ \{/, '{')} ${lines.map((l) => `${l}${end} `).join('')}} `;
}

function chainText(e: NftEvent & { readonly what: 'chain' }, style: Style): string {
  const { chain, table } = e;
  const handle = style.handles && e.op !== 'delete' ? ` # handle ${chain.handle}` : '';
  if (chain.base === undefined || e.op === 'delete') return `${chain.name}${handle}`;
  const plain = textChain(table, { ...chain, rules: [] }, { ...style, handles: false });
  const hook = plain.split('\n').find((l) => l.startsWith('\t\ttype '));
  return `${chain.name} { ${hook?.trim()} }${handle}`;
}

function ruleText(e: NftEvent & { readonly what: 'rule' }, style: Style): string {
  const { chain, rule, after } = e;
  if (e.op === 'delete') return `${chain.name} handle ${rule.handle}`;
  return `${chain.name} ${after === undefined ? '' : `handle ${after} `}${textRule(rule, style)}`;
}

/** One line, without its end. */
export function eventText(e: NftEvent, style: Style): string {
  const { op, table } = e;
  const where = `${table.family} ${table.name}`;
  switch (e.what) {
    case 'table':
      return `${op} table ${where}${style.handles ? ` # handle ${table.handle}` : ''}`;
    case 'chain':
      return `${op} chain ${where} ${chainText(e, style)}`;
    case 'rule':
      return `${op} rule ${where} ${ruleText(e, style)}`;
    case 'set': {
      const { set } = e;
      if (op === 'delete') return `${op} set ${where} ${set.name}`;
      const word = set.data === undefined && set.objectType === undefined ? 'set' : 'map';
      const block = textSet({ ...set, elements: new Map() }, style);
      return `${op} ${word} ${where} ${set.name} ${onOneLine(block, ';')}`;
    }
    case 'element':
      return `${op} element ${where} ${e.set.name} { ${textElement(e.element, e.set, style)} }`;
    case 'object': {
      const { type, name } = e.object;
      if (op === 'delete') return `${op} ${type} ${where} ${name}`;
      return `${op} ${type} ${where} ${name} ${onOneLine(textObject(e.object, style), type.startsWith('ct') ? ';' : '')}`;
    }
    case 'flowtable': {
      if (op === 'delete') return `${op} flowtable ${where} ${e.flowtable.name}`;
      return `${op} flowtable ${where} ${e.flowtable.name} ${onOneLine(textFlowtable(e.flowtable, style), ';')}`;
    }
  }
}

/** The line after a batch: how many there have been, and whose this was. */
export function generationText(generation: number, pid: number): string {
  return `# new generation ${generation} by process ${pid} (nft)\n`;
}
