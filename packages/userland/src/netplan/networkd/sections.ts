import type { NetDef } from '../config/index.ts';

/** A section of one of networkd's files. */
export type Section = readonly [name: string, lines: readonly (readonly [string, string])[]];

export function sectionsText(sections: readonly Section[]): string {
  return sections
    .map(([name, lines]) => `[${name}]\n${lines.map(([k, v]) => `${k}=${v}\n`).join('')}`)
    .join('\n');
}

/** Which device a definition is about. */
export function linkMatch(def: NetDef, nameKey: string): [string, string][] {
  const { macaddress, name } = def.map('match');
  if (macaddress === undefined && name === undefined) return [[nameKey, def.id]];
  return [
    ...(macaddress === undefined
      ? []
      : ([['PermanentMACAddress', String(macaddress)]] as [string, string][])),
    ...(name === undefined ? [] : ([[nameKey, String(name)]] as [string, string][])),
  ];
}
