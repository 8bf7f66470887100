import type { NetplanConfig } from './load.ts';
import { KINDS, type NetDef, type Settings, type Value } from './net-def.ts';
import { DEVICE_KEYS, ROUTE_KEYS, type Rule } from './schema.ts';

/** A configuration as netplan writes it, without its `network:`; only the devices of `filter`. */
export function dumpConfig(config: NetplanConfig, filter: (def: NetDef) => boolean): string {
  const lines = ['network:', '  version: 2'];
  if (config.renderer !== undefined) lines.push(`  renderer: ${config.renderer}`);
  for (const kind of KINDS) {
    const defs = [...config.defs.values()].filter((def) => def.kind === kind && filter(def));
    if (defs.length > 0) lines.push(`  ${kind}:`);
    for (const def of defs) {
      const body = mapLines(def.settings, DEVICE_KEYS[kind]);
      if (body.length === 0) lines.push(`    ${def.id}: {}`);
      else lines.push(`    ${def.id}:`, ...body.map((l) => `      ${l}`));
    }
  }
  return `${lines.join('\n')}\n`;
}

function mapLines(settings: Settings, keys: Readonly<Record<string, Rule>>): string[] {
  return Object.entries(keys).flatMap(([key, rule]) => {
    const value = settings[key];
    return value === undefined ? [] : valueLines(key, value, rule);
  });
}

function valueLines(key: string, value: Value, rule: Rule): string[] {
  switch (rule.type) {
    case 'map': {
      const body = mapLines(value as Settings, rule.keys);
      return body.length === 0 ? [] : [`${key}:`, ...body.map((l) => `  ${l}`)];
    }
    case 'list': {
      const items = value as string[];
      return items.length === 0
        ? []
        : [`${key}:`, ...ordered(key, items).map((i) => `- ${quoted(i, rule.quoted)}`)];
    }
    case 'routes':
      return [
        `${key}:`,
        ...(value as Settings[]).flatMap((route) =>
          mapLines(route, ROUTE_KEYS).map((l, i) => (i === 0 ? `- ${l}` : `  ${l}`)),
        ),
      ];
    default:
      return [`${key}: ${quoted(String(value), rule.type === 'text' && rule.quoted)}`];
  }
}

/** IPv4 comes before IPv6. */
function ordered(key: string, items: readonly string[]): string[] {
  if (key !== 'addresses') return [...items];
  const six = items.filter((i) => i.includes(':'));
  return [...items.filter((i) => !i.includes(':')), ...six];
}

function quoted(text: string, yes: boolean | undefined): string {
  return yes === true ? `"${text}"` : text;
}
