import type { HashlimitMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { strtouiPrefix } from '../../core/numbers.ts';
import type { OptionCall, RuleContext } from '../../core/option.ts';
import { badValue } from '../format.ts';
import { byteBurst, bytesOf, byteText, parseByteRate, unitFactor } from './byte-rate.ts';
import { parsePeriod, periodText } from './period.ts';

/** Parts of a second in which a packet's cost is counted. XT_HASHLIMIT_SCALE_v2 */
const SCALE = 1_000_000;
const DEFAULT_BURST = 5;
const MAX_BURST = 1_000_000;
const DEFAULT_GC_INTERVAL = 1000;
/** Seconds that entries of byte rates stay, and of those with a burst. */
const BYTE_EXPIRE = 15;
const BYTE_EXPIRE_BURST = 60;

type State = { -readonly [K in keyof HashlimitMatch]: HashlimitMatch[K] } & { seconds: number };

/** Parts of a key in the order in which they are printed. */
const MODES = ['srcip', 'srcport', 'dstip', 'dstport'] as const;
const NUMBERS: Readonly<
  Record<string, 'htableSize' | 'htableMax' | 'htableGcInterval' | 'htableExpire'>
> = {
  'hashlimit-htable-size': 'htableSize',
  'hashlimit-htable-max': 'htableMax',
  'hashlimit-htable-gcinterval': 'htableGcInterval',
  'hashlimit-htable-expire': 'htableExpire',
};

function parseMode(text: string): HashlimitMatch['mode'] {
  const words = text.split(/[,|]/).filter((w) => w !== '');
  if (words.some((w) => !(MODES as readonly string[]).includes(w)))
    throw badValue('hashlimit', '--hashlimit-mode', text);
  return MODES.filter((m) => words.includes(m));
}

function burstProblem(): Error {
  return parameterProblem(
    `bad value for option "--hashlimit-burst", or out of range (1-${MAX_BURST}).`,
  );
}

function parseBurst(text: string): number {
  const got = strtouiPrefix(text, 1, Number.MAX_SAFE_INTEGER);
  if (got === undefined || (got.rest === '' && got.value > MAX_BURST)) throw burstProblem();
  return got.value * unitFactor(got.rest[0]);
}

function parseRate(option: string, text: string, state: State): void {
  const cost = parseByteRate(text);
  if (cost !== undefined) {
    Object.assign(state, { bytes: true, avg: cost, seconds: BYTE_EXPIRE });
    return;
  }
  const period = parsePeriod(text, SCALE);
  if (period === undefined) throw badValue('hashlimit', `--${option}`, text);
  Object.assign(state, { avg: period.cost, seconds: period.seconds });
}

function parse({ name, value, invert }: OptionCall, state: State): void {
  const number = NUMBERS[name];
  if (number !== undefined) state[number] = value.num;
  else if (name === 'hashlimit-srcmask') state.srcmask = value.num;
  else if (name === 'hashlimit-dstmask') state.dstmask = value.num;
  else if (name === 'hashlimit-name') state.name = value.text;
  else if (name === 'hashlimit-mode') state.mode = parseMode(value.text);
  else if (name === 'hashlimit-burst') state.burst = parseBurst(value.text);
  else if (name === 'hashlimit-rate-match') state.rateMatch = true;
  else if (name === 'hashlimit-rate-interval') {
    const seconds = Number.parseInt(value.text, 10);
    if (!(seconds > 0)) throw badValue('hashlimit', `--${name}`, value.text);
    state.rateInterval = seconds;
  } else {
    state.above = (name === 'hashlimit-above') !== invert;
    parseRate(name, value.text, state);
  }
}

/** `hashlimit_mt_check()`: what follows from all options together. */
function check(state: State, seen: ReadonlySet<string>): void {
  if (!seen.has('hashlimit-upto') && !seen.has('hashlimit-above'))
    throw parameterProblem('You have to specify --hashlimit');
  const keeps = seen.has('hashlimit-htable-expire');
  if (!keeps) state.htableExpire = state.seconds * 1000;
  if (state.bytes) {
    const given = seen.has('hashlimit-burst');
    state.burst = given ? byteBurst(state.burst, state.avg) : 0;
    if (given && !keeps) state.htableExpire = BYTE_EXPIRE_BURST * 1000;
  } else if (state.burst > MAX_BURST) throw burstProblem();
  if (!state.rateMatch) return;
  if (!state.bytes) state.avg = Math.floor(state.avg / state.seconds);
  if (state.rateInterval === 0) state.rateInterval = state.bytes ? 1 : state.seconds;
}

function init(rule: RuleContext): State {
  const plen = rule.family === 'inet' ? 32 : 128;
  return {
    kind: 'hashlimit',
    name: '',
    above: false,
    bytes: false,
    avg: 0,
    burst: DEFAULT_BURST,
    mode: [],
    srcmask: plen,
    dstmask: plen,
    htableSize: 0,
    htableMax: 0,
    htableGcInterval: DEFAULT_GC_INTERVAL,
    htableExpire: 0,
    rateMatch: false,
    rateInterval: 0,
    seconds: 1,
  };
}

/** Rate and burst, and the milliseconds that entries stay unless told otherwise. */
function rate(m: HashlimitMatch, prefix: string, avg: number): { text: string; expire: number } {
  if (m.bytes) {
    const burst = m.burst === 0 ? '' : ` ${prefix}burst ${bytesOf(m.avg, m.burst)}b`;
    const expire = (m.burst === 0 ? BYTE_EXPIRE : BYTE_EXPIRE_BURST) * 1000;
    return { text: `${byteText(m.avg)}b/s${burst}`, expire };
  }
  const { text, seconds } = periodText(avg, SCALE);
  return { text: `${text} ${prefix === '' ? '' : prefix}burst ${m.burst}`, expire: seconds * 1000 };
}

/** What follows the rate, each option with its prefix. */
function rest(m: HashlimitMatch, prefix: string, expire: number, plen: number): string {
  const item = (name: string, value: number, usual: number): string =>
    value === usual ? '' : ` ${prefix}${name} ${value}`;
  return (
    item('htable-size', m.htableSize, 0) +
    item('htable-max', m.htableMax, 0) +
    item('htable-gcinterval', m.htableGcInterval, DEFAULT_GC_INTERVAL) +
    item('htable-expire', m.htableExpire, expire) +
    item('srcmask', m.srcmask, plen) +
    item('dstmask', m.dstmask, plen) +
    (m.rateMatch ? ` ${prefix}rate-match${item('rate-interval', m.rateInterval, 1)}` : '')
  );
}

function modeText(m: HashlimitMatch, prefix: string, separator: string): string {
  return m.mode.length === 0 ? '' : ` ${prefix}mode ${m.mode.join(separator)}`;
}

/** `-m hashlimit`. extensions/libxt_hashlimit.c */
export const hashlimit: MatchExtension = defineMatch<HashlimitMatch, State>({
  name: 'hashlimit',
  kinds: ['hashlimit'],
  options: [
    { name: 'hashlimit-upto', type: 'string', invert: true, excl: ['hashlimit-above'] },
    { name: 'hashlimit-above', type: 'string', invert: true, excl: ['hashlimit-upto'] },
    { name: 'hashlimit', type: 'string', invert: true, sameAs: 'hashlimit-upto' },
    { name: 'hashlimit-srcmask', type: 'plen' },
    { name: 'hashlimit-dstmask', type: 'plen' },
    { name: 'hashlimit-burst', type: 'string' },
    { name: 'hashlimit-htable-size', type: 'uint32' },
    { name: 'hashlimit-htable-max', type: 'uint32' },
    { name: 'hashlimit-htable-gcinterval', type: 'uint32' },
    { name: 'hashlimit-htable-expire', type: 'uint32' },
    { name: 'hashlimit-mode', type: 'string' },
    { name: 'hashlimit-name', type: 'string', mandatory: true, min: 1 },
    { name: 'hashlimit-rate-match', type: 'none' },
    { name: 'hashlimit-rate-interval', type: 'string' },
  ],
  init,
  parse,
  check,
  finish: ({ seconds: _, ...match }) => match,
  print(m, ctx) {
    const { text, expire } = rate(m, '', m.avg * Math.max(1, m.rateInterval));
    const plen = ctx.family === 'inet' ? 32 : 128;
    return ` limit: ${m.above ? 'above' : 'up to'} ${text}${modeText(m, '', '-')}${rest(m, '', expire, plen)}`;
  },
  save(m, ctx) {
    const { text, expire } = rate(m, '--hashlimit-', m.avg);
    const plen = ctx.family === 'inet' ? 32 : 128;
    return (
      ` --hashlimit-${m.above ? 'above' : 'upto'} ${text}${modeText(m, '--hashlimit-', ',')}` +
      ` --hashlimit-name ${m.name}${rest(m, '--hashlimit-', expire, plen)}`
    );
  },
});
