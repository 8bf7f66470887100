import type { Opts } from './command-line/index.ts';
import { NIC_PROPERTIES, PROPERTIES_OF } from './nic-properties.ts';

/** A property of a device. */
interface Property {
  readonly name: string;
  readonly type: string;
  readonly line: string;
}

/** Where descriptions begin. */
const COLUMN = 24;
/** The highest values of numbers, and the lowest. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  uint16: [0, 0xffff],
  uint32: [0, 0xffff_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
};
const SWITCH = /^(on|off|yes|no|true|false|y|n)$/;
/** A slot of a PCI bus and perhaps a function. hw/core/qdev-properties-system.c, set_pci_devfn() */
const PCI_SLOT = /^[01]?[\da-f](\.[0-7])?$/i;

const TABLE: ReadonlyMap<string, readonly string[]> = new Map(
  NIC_PROPERTIES.split('\n').map((row) => {
    const [name = '', ...rest] = row.split('|');
    return [name, rest];
  }),
);

/** The properties of a model; undefined if they are not known. An exclamation mark takes a description away. */
function propertiesOf(model: string): Property[] | undefined {
  const key = /^i82/.test(model) ? 'i82551' : model;
  const names = Object.hasOwn(PROPERTIES_OF, key) ? PROPERTIES_OF[key] : undefined;
  if (names === undefined) return undefined;
  return [...new Set(names.split(/\s+/))].sort().map((word) => {
    const name = word.replace('!', '');
    const [type = '', desc = '', value = ''] = TABLE.get(name) ?? [];
    const about = word === name ? desc.replace('*', 'on/off') : '';
    return { name, type, line: lineOf(name, type, about, value) };
  });
}

function lineOf(name: string, type: string, desc: string, value: string): string {
  const left = `  ${name}=<${type}>`;
  if (desc === '' && value === '') return `${left}\n`;
  return `${left.padEnd(COLUMN)} - ${desc}${value === '' ? '' : ` (default: ${value})`}\n`;
}

/** What `-device MODEL,help` prints; undefined for devices that are no NICs. qdev_device_help() */
export function nicHelp(model: string): string | undefined {
  const all = propertiesOf(model);
  return all && `${model} options:\n${all.map((p) => p.line).join('')}`;
}

/** Looks at what `-device` says of a NIC. @throws QemuError */
export function checkNicProperties(opts: Opts, model: string): void {
  const all = propertiesOf(model);
  for (const [key, value] of opts.pairs) {
    if (all === undefined || ['driver', 'id', 'bus'].includes(key)) continue;
    const property = all.find((p) => p.name === key);
    if (property === undefined) throw opts.error(`Property '${model}.${key}' not found`);
    const why = objection(model, property, value);
    if (why !== undefined) throw opts.error(why);
  }
}

function objection(model: string, { name, type }: Property, value: string): string | undefined {
  if (type === 'bool')
    return SWITCH.test(value) ? undefined : `Parameter '${name}' expects 'on' or 'off'`;
  if (type === 'OnOffAuto')
    return /^(on|off|auto)$/.test(value)
      ? undefined
      : `Parameter '${name}' does not accept value '${value}'`;
  if (name === 'addr')
    return PCI_SLOT.test(value) || value === '-1'
      ? undefined
      : `Property '${model}.addr' doesn't take value '${value}'`;
  const range = RANGES[type];
  if (range === undefined) return undefined;
  const number = /^-?(0x[\da-f]+|\d+)$/i.test(value) ? Number(value.replace('-', '')) : Number.NaN;
  if (Number.isNaN(number)) return `Parameter '${name}' expects integer`;
  const signed = value.startsWith('-') ? -number : number;
  return signed >= range[0] && signed <= range[1]
    ? undefined
    : `Parameter '${name}' expects ${type}_t`;
}
