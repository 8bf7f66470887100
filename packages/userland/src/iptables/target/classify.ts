import type { ClassifyTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';

/** One half of a class as scanf(3) reads `%x`: the low 16 bits of a number that may be negative. */
function half(sign: string | undefined, digits: string | undefined): number {
  const n = Number.parseInt(digits ?? '', 16) & 0xffff;
  return sign === '-' ? -n & 0xffff : n;
}

function parseClass(text: string): number {
  const m = /^\s*([+-]?)(?:0x)?([0-9a-f]+):\s*([+-]?)(?:0x)?([0-9a-f]+)/i.exec(text);
  if (m === null) throw parameterProblem(`Bad class value "${text}"`);
  return ((half(m[1], m[2]) << 16) | half(m[3], m[4])) >>> 0;
}

/** A class as `major:minor` in hexadecimal. */
function classText(priority: number, width: number): string {
  const hex = (n: number): string => n.toString(16).padStart(width, '0');
  return `${hex(priority >>> 16)}:${hex(priority & 0xffff)}`;
}

/** `-j CLASSIFY`. extensions/libxt_CLASSIFY.c */
export const classify: TargetExtension = defineTarget<ClassifyTarget, { priority: number }>({
  name: 'CLASSIFY',
  kinds: ['CLASSIFY'],
  options: [{ name: 'set-class', type: 'string', mandatory: true }],
  init: () => ({ priority: 0 }),
  parse: ({ value }, state) => {
    state.priority = parseClass(value.text);
  },
  finish: (state) => ({ kind: 'CLASSIFY', ...state }),
  print: (t) => ` CLASSIFY set ${classText(t.priority, 1)}`,
  save: (t) => ` --set-class ${classText(t.priority, 4)}`,
});
