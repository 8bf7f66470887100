import type { MacAddr } from '@labwire/core/addr';
import type { Bits, EbtStp, Is, Span } from '@labwire/devices/bridge';
import { parameterProblem, strtoui } from '../../iptables/index.ts';
import { asked, type Draft, defineExtension, type EbtExtension } from '../extension.ts';
import { plainMac, readMac, shown, spanText } from '../values.ts';

const TYPES: ReadonlyMap<string, number> = new Map([
  ['config', 0],
  ['tcn', 0x80],
]);
const FLAGS: ReadonlyMap<string, number> = new Map([
  ['topology-change', 0x01],
  ['topology-change-ack', 0x80],
]);

type SpanKey =
  | 'rootPrio'
  | 'rootCost'
  | 'senderPrio'
  | 'port'
  | 'msgAge'
  | 'maxAge'
  | 'helloTime'
  | 'forwardDelay';
type Field =
  | { readonly option: string; readonly key: 'type' | 'flags'; readonly words: typeof TYPES }
  | { readonly option: string; readonly key: SpanKey; readonly max: number; readonly bad?: string }
  | { readonly option: string; readonly key: 'rootAddr' | 'senderAddr' };

const U16 = 0xffff;

/** The options in the order in which they are printed. */
const FIELDS: readonly Field[] = [
  { option: 'stp-type', key: 'type', words: TYPES },
  { option: 'stp-flags', key: 'flags', words: FLAGS },
  { option: 'stp-root-prio', key: 'rootPrio', max: U16 },
  { option: 'stp-root-addr', key: 'rootAddr' },
  { option: 'stp-root-cost', key: 'rootCost', max: 0xffff_ffff },
  { option: 'stp-sender-prio', key: 'senderPrio', max: U16 },
  { option: 'stp-sender-addr', key: 'senderAddr' },
  { option: 'stp-port', key: 'port', max: U16, bad: 'Bad --stp-port-range' },
  { option: 'stp-msg-age', key: 'msgAge', max: U16 },
  { option: 'stp-max-age', key: 'maxAge', max: U16 },
  { option: 'stp-hello-time', key: 'helloTime', max: U16 },
  { option: 'stp-forward-delay', key: 'forwardDelay', max: U16 },
];

function readWord(text: string, words: typeof TYPES, option: string): number {
  const n = strtoui(text, 0, 255) ?? words.get(text.toLowerCase());
  if (n === undefined) throw parameterProblem(`Bad --${option} argument`);
  return n;
}

/** `a`, `a:b`, `a:`, `:b`; undefined if it is none. `parse_range()` */
function readSpan(text: string, max: number): Span | undefined {
  const m = /^(\d*)(?:(:)(\d*))?$/.exec(text);
  if (m === null || (m[1] === '' && m[2] === undefined)) return undefined;
  const from = Number(m[1]);
  const to = m[2] === undefined ? from : m[3] === '' ? max : Number(m[3]);
  return from > to || to > max ? undefined : [from, to];
}

function readField(f: Field, text: string): number | Span | Bits<MacAddr> {
  if ('words' in f) return readWord(text, f.words, f.option);
  if (!('max' in f)) {
    const addr = readMac(text);
    if (addr === undefined) throw parameterProblem(`Bad --${f.option} address`);
    return addr;
  }
  const span = readSpan(text, f.max);
  if (span === undefined) throw parameterProblem(f.bad ?? `Bad --${f.option} range`);
  return span;
}

function fieldText(f: Field, value: number | Span | Bits<MacAddr>): string {
  if (typeof value !== 'number') return 'addr' in value ? plainMac(value) : spanText(value);
  const words = 'words' in f ? [...f.words] : [];
  return words.find(([, n]) => n === value)?.[0] ?? String(value);
}

/** `--stp-type` … extensions/libebt_stp.c */
export const stp: EbtExtension = defineExtension<EbtStp>({
  name: 'stp',
  options: FIELDS.map(({ option, key }) => ({ names: [option], key, once: true })),
  init: () => ({ kind: 'stp' }),
  parse(m, call) {
    const f = FIELDS.find(({ key }) => key === call.key) as Field;
    const draft = m as Draft<Record<string, unknown>>;
    draft[f.key] = asked(readField(f, call.text), call);
  },
  print: (m) =>
    FIELDS.map((f) =>
      shown(`--${f.option}`, m[f.key] as Is<number | Span | Bits<MacAddr>> | undefined, (v) =>
        fieldText(f, v),
      ),
    ).join(''),
});
