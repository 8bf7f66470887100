import type { SockState } from '@labwire/devices/sock';
import { Exit } from '../parse/index.ts';

/** SS_* numbers by the names that the table shows. Source: iproute2 misc/ss.c. */
const NUMBERS: Readonly<Record<SockState, number>> = {
  ESTAB: 1,
  'SYN-SENT': 2,
  'SYN-RECV': 3,
  'FIN-WAIT-1': 4,
  'FIN-WAIT-2': 5,
  'TIME-WAIT': 6,
  UNCONN: 7,
  'CLOSE-WAIT': 8,
  'LAST-ACK': 9,
  LISTEN: 10,
  CLOSING: 11,
};
/** Names of states on the command line, by number. */
const WORDS: readonly string[] = [
  'unknown',
  'established',
  'syn-sent',
  'syn-recv',
  'fin-wait-1',
  'fin-wait-2',
  'time-wait',
  'unconnected',
  'close-wait',
  'last-ack',
  'listening',
  'closing',
];

/** The bit of a state. */
export function stateBit(state: SockState): number {
  return 1 << NUMBERS[state];
}

/** All states. */
export const SS_ALL: number = (1 << 12) - 1;
export const SS_ESTABLISHED: number = stateBit('ESTAB');
export const SS_LISTENING: number = stateBit('LISTEN') | stateBit('UNCONN');
const BUCKET = stateBit('SYN-RECV') | stateBit('TIME-WAIT');
/** What is shown where nothing is asked for: connections. */
export const SS_CONNECTED: number = SS_ALL & ~(SS_LISTENING | BUCKET);

/** Sets of states, and other names of single ones. */
const SETS: Readonly<Record<string, number>> = {
  close: stateBit('UNCONN'),
  closed: stateBit('UNCONN'),
  'syn-rcv': stateBit('SYN-RECV'),
  all: SS_ALL,
  connected: SS_ALL & ~SS_LISTENING,
  synchronized: SS_ALL & ~(SS_LISTENING | stateBit('SYN-SENT')),
  bucket: BUCKET,
  big: SS_ALL & ~BUCKET,
};

/** Reads a state, or a set of them, in any case. Source: misc/ss.c, scan_state(). */
export function parseStates(text: string): number {
  const name = text.toLowerCase();
  if (Object.hasOwn(SETS, name)) return SETS[name] as number;
  const number = WORDS.indexOf(name);
  if (number < 0) throw new Exit(255, `ss: wrong state name: ${text}\n`);
  return 1 << number;
}

/** Whether a set has no more than one state. */
export function isSingle(states: number): boolean {
  return (states & (states - 1)) === 0;
}
