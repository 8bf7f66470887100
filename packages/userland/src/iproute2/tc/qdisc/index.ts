import type { QdiscKind } from '../kind.ts';
import { FQ_CODEL, SFQ } from './fair.ts';
import { fifo } from './fifo.ts';
import { HTB } from './htb.ts';
import { CLSACT, INGRESS } from './ingress.ts';
import { NETEM } from './netem.ts';
import { PRIO } from './prio.ts';
import { TBF } from './tbf.ts';

export { linklayerName, parseLinklayer, parseU16 } from './rate-words.ts';
export { readValue, refuse } from './words.ts';

/** Kinds of qdiscs, by name. */
export const QDISC_KINDS: ReadonlyMap<string, QdiscKind> = new Map<string, QdiscKind>([
  ['pfifo', fifo('pfifo')],
  ['bfifo', fifo('bfifo')],
  ['pfifo_head_drop', fifo('pfifo_head_drop')],
  ['pfifo_fast', { print: PRIO.print as NonNullable<QdiscKind['print']> }],
  ['prio', PRIO],
  ['tbf', TBF],
  ['htb', HTB],
  ['netem', NETEM],
  ['fq_codel', FQ_CODEL],
  ['sfq', SFQ],
  ['ingress', INGRESS],
  ['clsact', CLSACT],
]);

/** Kinds that the real `tc` and kernel know and Labwire does not have. */
export const UNSUPPORTED_QDISCS: readonly string[] = [
  'red',
  'cake',
  'cbq',
  'cbs',
  'choke',
  'codel',
  'drr',
  'dsmark',
  'etf',
  'ets',
  'fq',
  'fq_pie',
  'gred',
  'hfsc',
  'hhf',
  'mq',
  'mqprio',
  'multiq',
  'noqueue',
  'pie',
  'plug',
  'qfq',
  'sfb',
  'skbprio',
  'taprio',
  'teql',
];
