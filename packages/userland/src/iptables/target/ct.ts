import type { CtTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { strtoui } from '../core/numbers.ts';
import type { OptionCall } from '../core/option.ts';

/** Longest names that the kernel's structure holds. */
const HELPER_MAX = 15;
const TIMEOUT_MAX = 31;
const ZONE_MAX = 0xffff;
const EVENTS = [
  'new',
  'related',
  'destroy',
  'reply',
  'assured',
  'protoinfo',
  'helper',
  'mark',
  'natseqinfo',
  'secmark',
];
const EXPEVENTS = ['new'];

interface State {
  notrack: boolean;
  helper: string | undefined;
  timeout: string | undefined;
  ctevents: readonly string[];
  expevents: readonly string[];
  zone: number | 'mark';
  orig: boolean;
  reply: boolean;
}

function initCt(): State {
  return {
    notrack: false,
    helper: undefined,
    timeout: undefined,
    ctevents: [],
    expevents: [],
    zone: 0,
    orig: false,
    reply: false,
  };
}

/** Names of events, in the order in which they are printed. */
function parseEvents(text: string, known: readonly string[]): string[] {
  const wanted = text.split(',');
  const bad = wanted.find((e) => !known.includes(e));
  if (bad !== undefined) throw parameterProblem(`Unknown event type "${bad}"`);
  return known.filter((e) => wanted.includes(e));
}

function parseZone(text: string): number | 'mark' {
  if (text.toLowerCase() === 'mark') return 'mark';
  const id = strtoui(text, 0, ZONE_MAX);
  if (id === undefined) throw parameterProblem(`Cannot parse ${text} as a zone ID`);
  return id;
}

function parse({ name, value: { text } }: OptionCall, state: State): void {
  if (name === 'notrack') state.notrack = true;
  else if (name === 'helper') state.helper = text.slice(0, HELPER_MAX) || undefined;
  else if (name === 'timeout') state.timeout = text.slice(0, TIMEOUT_MAX) || undefined;
  else if (name === 'ctevents') state.ctevents = parseEvents(text, EVENTS);
  else if (name === 'expevents') state.expevents = parseEvents(text, EXPEVENTS);
  else {
    state.zone = parseZone(text);
    if (name === 'zone-orig') state.orig = true;
    if (name === 'zone-reply') state.reply = true;
  }
}

function zoneOf({ zone, orig, reply }: State): CtTarget['zone'] {
  if (zone === 0) return undefined;
  return { id: zone, dir: orig === reply ? 'both' : orig ? 'orig' : 'reply' };
}

function finish({ zone, orig, reply, ...rest }: State): CtTarget {
  return { kind: 'CT', isNotrack: false, ...rest, zone: zoneOf({ zone, orig, reply, ...rest }) };
}

function text(t: CtTarget, pfx: string): string {
  const { zone } = t;
  const dir = zone === undefined || zone.dir === 'both' ? '' : `-${zone.dir}`;
  return (
    (t.notrack ? ` ${pfx}notrack` : '') +
    (t.helper === undefined ? '' : ` ${pfx}helper ${t.helper}`) +
    (t.timeout === undefined ? '' : ` ${pfx}timeout ${t.timeout}`) +
    (t.ctevents.length === 0 ? '' : ` ${pfx}ctevents ${t.ctevents.join(',')}`) +
    (t.expevents.length === 0 ? '' : ` ${pfx}expevents ${t.expevents.join(',')}`) +
    (zone === undefined ? '' : ` ${pfx}zone${dir} ${zone.id}`)
  );
}

/** `-j CT`, revision 2. extensions/libxt_CT.c */
export const ct: TargetExtension = defineTarget<CtTarget, State>({
  name: 'CT',
  kinds: ['CT'],
  options: [
    { name: 'notrack', type: 'none' },
    { name: 'helper', type: 'string' },
    { name: 'timeout', type: 'string' },
    { name: 'ctevents', type: 'string' },
    { name: 'expevents', type: 'string' },
    { name: 'zone-orig', type: 'string' },
    { name: 'zone-reply', type: 'string' },
    { name: 'zone', type: 'string' },
  ],
  init: initCt,
  parse,
  finish,
  savedName: (t) => (t.isNotrack ? 'NOTRACK' : 'CT'),
  print: (t) => (t.isNotrack ? ' NOTRACK' : ` CT${text(t, '')}`),
  save: (t) => (t.isNotrack ? '' : text(t, '--')),
});

/** `-j NOTRACK`, another name for `-j CT --notrack` that is remembered. */
export const notrack: TargetExtension = defineTarget<CtTarget, State>({
  ...ct,
  name: 'NOTRACK',
  kinds: [],
  options: [],
  finish: () => ({ ...finish({ ...initCt(), notrack: true }), isNotrack: true }),
});
