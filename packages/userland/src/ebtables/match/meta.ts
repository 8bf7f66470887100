/** Matches of what the kernel knows of a frame. */
import type { EbtLimit, EbtMarkMatch, EbtPkttype } from '@labwire/devices/bridge';
import {
  parameterProblem,
  parsePeriod,
  periodText,
  strtoui,
  strtouiPrefix,
} from '../../iptables/index.ts';
import { asked, defineExtension, type EbtExtension } from '../extension.ts';
import { hexText, shown } from '../values.ts';

const CLASSES: readonly string[] = [
  'host',
  'broadcast',
  'multicast',
  'otherhost',
  'outgoing',
  'loopback',
  'fastroute',
];

function readClass(text: string): number {
  const named = CLASSES.indexOf(text.toLowerCase());
  const n = /^(0x)?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : named;
  if (n < 0) throw parameterProblem(`Could not parse class '${text}'`);
  if (n > 255) throw parameterProblem('Problem with specified pkttype class');
  return n;
}

/** `--pkttype-type`. extensions/libebt_pkttype.c */
export const pkttype: EbtExtension = defineExtension<EbtPkttype>({
  name: 'pkttype',
  options: [{ names: ['pkttype-type'], key: 'type' }],
  init: () => ({ kind: 'pkttype', type: { value: 0, invert: false } }),
  parse(m, call) {
    m.type = asked(readClass(call.text), call);
  },
  print: (m) => shown('--pkttype-type', m.type, (n) => CLASSES[n] ?? String(n)),
});

const ALL_BITS = 0xffff_ffff;

/** strtoul(3): what is no number is 0, and left over. */
function strtoul(text: string): { readonly value: number; readonly rest: string } {
  return strtouiPrefix(text, 0, ALL_BITS) ?? { value: 0, rest: text };
}

/** `value`, `value/mask` or `/mask`. */
function readMark(text: string): Pick<EbtMarkMatch, 'value' | 'mask' | 'any'> {
  const value = strtoul(text);
  const mask = value.rest.startsWith('/')
    ? strtoul(value.rest.slice(1))
    : { value: ALL_BITS, rest: value.rest };
  if (mask.rest !== '' || text === '') throw parameterProblem(`Bad mark value '${text}'`);
  return { value: value.value, mask: mask.value, any: text.startsWith('/') };
}

function markText({ value, mask, any }: EbtMarkMatch): string {
  if (any) return `/${hexText(mask)}`;
  return mask === ALL_BITS ? hexText(value) : `${hexText(value)}/${hexText(mask)}`;
}

/** `--mark`. extensions/libebt_mark_m.c */
export const markMatch: EbtExtension = defineExtension<EbtMarkMatch>({
  name: 'mark_m',
  options: [{ names: ['mark'], key: 'mark' }],
  init: () => ({ kind: 'mark_m', value: 0, mask: 0, any: false, invert: false }),
  parse(m, call) {
    Object.assign(m, readMark(call.text));
    m.invert ||= call.invert;
  },
  print: (m) => `--mark ${m.invert ? '! ' : ''}${markText(m)} `,
});

/** Parts of a second in which a frame's cost is counted. XT_LIMIT_SCALE */
const SCALE = 10_000;
const DEFAULT_BURST = 5;
const MAX_BURST = 10_000;

function readBurst(text: string): number {
  const burst = strtoui(text, 0, MAX_BURST);
  if (burst === undefined) throw parameterProblem(`bad --limit-burst \`${text}'`);
  return burst;
}

/** `--limit`, `--limit-burst`. extensions/libxt_limit.c */
export const limit: EbtExtension = defineExtension<EbtLimit>({
  name: 'limit',
  options: [
    { names: ['limit'], key: 'limit', once: true },
    { names: ['limit-burst'], key: 'limit-burst', once: true },
  ],
  init: () => ({ kind: 'limit', avg: (SCALE * 3600) / 3, burst: DEFAULT_BURST }),
  parse(m, { key, text, invert }) {
    if (invert) throw parameterProblem(`Unexpected \`!' after --${key}`);
    if (key === 'limit-burst') m.burst = readBurst(text);
    else {
      const period = parsePeriod(text, SCALE);
      if (period === undefined) throw parameterProblem(`bad rate \`${text}'`);
      m.avg = period.cost;
    }
  },
  kept: (m) => (m.burst === 0 ? { ...m, burst: DEFAULT_BURST } : m),
  print: (m) => `--limit ${periodText(m.avg, SCALE).text} --limit-burst ${m.burst} `,
});
