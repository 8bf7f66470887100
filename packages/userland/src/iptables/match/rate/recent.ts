import type { RecentMatch } from '@labwire/devices/netfilter';
import { formatAddr, maskOf } from '../../core/address.ts';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall } from '../../core/option.ts';

type State = { -readonly [K in keyof RecentMatch]: RecentMatch[K] };

const ACTIONS = ['set', 'rcheck', 'update', 'remove'] as const;
const SHOWN = { set: 'SET', rcheck: 'CHECK', update: 'UPDATE', remove: 'REMOVE' } as const;
/** Bytes of a list's name, its end included. XT_RECENT_NAME_LEN */
const NAME_SIZE = 200;

function parse({ name, value, invert }: OptionCall, state: State): void {
  const action = ACTIONS.find((a) => a === name);
  if (action !== undefined) {
    state.action = action;
    if (invert) state.invert = true;
  } else if (name === 'seconds' || name === 'hitcount') state[name] = value.num;
  else if (name === 'reap' || name === 'rttl') state[name] = true;
  else if (name === 'name') state.name = value.text.slice(0, NAME_SIZE - 1);
  else if (name === 'mask') state.mask = value.addr ?? state.mask;
  else state.side = name === 'rdest' ? 'dest' : 'source';
}

/** `-m recent`. extensions/libxt_recent.c */
export const recent: MatchExtension = defineMatch<RecentMatch, State>({
  name: 'recent',
  kinds: ['recent'],
  options: [
    ...ACTIONS.map((name) => ({ name, type: 'none', invert: true, excl: ACTIONS }) as const),
    { name: 'seconds', type: 'uint32', min: 1 },
    { name: 'reap', type: 'none', also: ['seconds'] },
    { name: 'hitcount', type: 'uint32' },
    { name: 'rttl', type: 'none', excl: ['set', 'remove'] },
    { name: 'name', type: 'string' },
    { name: 'rsource', type: 'none' },
    { name: 'rdest', type: 'none' },
    { name: 'mask', type: 'host' },
  ],
  init: (rule) => ({
    kind: 'recent',
    action: 'set',
    invert: false,
    name: 'DEFAULT',
    side: 'source',
    mask: maskOf(rule.family === 'inet' ? 32 : 128, rule.family),
    seconds: 0,
    hitcount: 0,
    reap: false,
    rttl: false,
  }),
  parse,
  check(_state, seen) {
    if (!ACTIONS.some((a) => seen.has(a)))
      throw parameterProblem(
        "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'",
      );
  },
  finish: (state) => state,
  print: (m) =>
    `${m.invert ? ' !' : ''} recent: ${SHOWN[m.action]}` +
    (m.seconds === 0 ? '' : ` seconds: ${m.seconds}`) +
    (m.reap ? ' reap' : '') +
    (m.hitcount === 0 ? '' : ` hit_count: ${m.hitcount}`) +
    (m.rttl ? ' TTL-Match' : '') +
    ` name: ${m.name} side: ${m.side} mask: ${formatAddr(m.mask)}`,
  save: (m) =>
    `${m.invert ? ' !' : ''} --${m.action}` +
    (m.seconds === 0 ? '' : ` --seconds ${m.seconds}`) +
    (m.reap ? ' --reap' : '') +
    (m.hitcount === 0 ? '' : ` --hitcount ${m.hitcount}`) +
    (m.rttl ? ' --rttl' : '') +
    ` --name ${m.name} --mask ${formatAddr(m.mask)} --r${m.side}`,
});
