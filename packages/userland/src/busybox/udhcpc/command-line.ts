import type { Ipv4Addr } from '@labwire/core/addr';
import { DhcpOpt } from '@labwire/devices/dhcp';
import {
  type GetoptTable,
  getopt,
  getoptRows,
  inetAton,
  type LongOption,
} from '../../libc-net/index.ts';
import { type Manual, rowsOf } from '../../machine/index.ts';
import { UdhcpcError, UsageError } from './errors.ts';
import {
  addSentOption,
  bytesOf,
  insertOption,
  parseUnsigned,
  type SentOption,
} from './option-parse.ts';
import { KNOWN_OPTIONS, optionByName, unknownOption } from './option-table.ts';
import { UDHCPC_USAGE } from './usage.ts';

const VENDOR = 'udhcp 1.35.0';
const INT_MAX = 2_147_483_647;

/** What the command line asks for. */
export interface UdhcpcOptions {
  readonly interface: string;
  readonly script: string;
  readonly pidFile: string | undefined;
  readonly quitOnLease: boolean;
  readonly failIfNoLease: boolean;
  readonly backgroundIfNoLease: boolean;
  readonly foreground: boolean;
  readonly releaseOnExit: boolean;
  readonly broadcastReplies: boolean;
  /** Milliseconds to wait for an ARP reply; undefined: no check. */
  readonly arping: number | undefined;
  readonly requestedIp: Ipv4Addr;
  /** How many discovers; 0 for no end. */
  readonly retries: number;
  /** Seconds. */
  readonly timeout: number;
  readonly tryAgain: number;
  /** Codes that servers are asked for, in ascending order. */
  readonly requested: readonly number[];
  /** What goes into every message, by code. */
  readonly sent: readonly SentOption[];
  /** Whether the client identifier is the MAC: then it stands last among {@link sent}'s identifiers and follows the device. */
  readonly macClientId: boolean;
}

const LETTERS = 'CV:F:i:np:qRr:s:T:t:SA:O:ox:fBba::v';

const long = (name: string, key: string, arg: LongOption['arg'] = 'no'): LongOption => ({
  name,
  arg,
  key,
});

const LONGS: readonly LongOption[] = [
  long('clientid-none', 'C'),
  long('vendorclass', 'V', 'required'),
  long('fqdn', 'F', 'required'),
  long('interface', 'i', 'required'),
  long('now', 'n'),
  long('pidfile', 'p', 'required'),
  long('quit', 'q'),
  long('release', 'R'),
  long('request', 'r', 'required'),
  long('script', 's', 'required'),
  long('timeout', 'T', 'required'),
  long('retries', 't', 'required'),
  long('tryagain', 'A', 'required'),
  long('syslog', 'S'),
  long('request-option', 'O', 'required'),
  long('no-default-options', 'o'),
  long('foreground', 'f'),
  long('background', 'b'),
  long('broadcast', 'B'),
  long('arping', 'a', 'optional'),
  long('help', 'help'),
];

const UDHCPC_OPTIONS: GetoptTable = {
  letters: LETTERS,
  longs: LONGS,
  usage: UDHCPC_USAGE,
  refused: ['S'],
};

/** What udhcpc can be told. */
export const udhcpcManual = (): Manual => [
  { title: 'Options', rows: getoptRows(UDHCPC_OPTIONS) },
  { title: 'Options of DHCP, for -O and -x', rows: rowsOf(KNOWN_OPTIONS.map((o) => o.name)) },
];

/** Reads the command line. @throws UdhcpcError, UsageError (with getopt's words, or none) */
export function readCommandLine(args: readonly string[]): UdhcpcOptions {
  const { options, error } = getopt(args, UDHCPC_OPTIONS.letters, UDHCPC_OPTIONS.longs);
  if (error !== undefined) throw new UsageError(error);
  const has = (letter: string) => options.some((o) => o.opt === letter);
  const all = (letter: string) => options.filter((o) => o.opt === letter).map((o) => o.arg ?? '');
  const last = (letter: string) => all(letter).at(-1);
  if (has('help')) throw new UsageError('');
  const numbers = {
    timeout: positive(last('T'), 3),
    retries: positive(last('t'), 3),
    tryAgain: positive(last('A'), 20),
  };
  if (has('S')) throw new UdhcpcError('-S is not supported: there is no syslog');
  const sent: SentOption[] = [];
  const fqdn = last('F');
  if (fqdn !== undefined)
    insertOption(sent, {
      code: DhcpOpt.clientFqdn,
      data: new Uint8Array([1, 0, 0, ...bytesOf(fqdn)]),
    });
  const requestedIp = last('r') === undefined ? (0 as Ipv4Addr) : inetAton(last('r') as string);
  if (requestedIp === undefined) throw new UsageError('');
  const arping = has('a') ? unsigned(last('a') || '2000') : undefined;
  const requested = requestedCodes(all('O'), has('o'));
  for (const text of all('x')) addSentOption(sent, text);
  const vendor = last('V') ?? VENDOR;
  if (vendor !== '') insertOption(sent, { code: DhcpOpt.vendorClass, data: bytesOf(vendor) });
  const macClientId = !has('C') && !sent.some((o) => o.code === DhcpOpt.clientIdentifier);
  if (macClientId)
    insertOption(sent, {
      code: DhcpOpt.clientIdentifier,
      data: new Uint8Array([1, 0, 0, 0, 0, 0, 0]),
    });
  return {
    interface: last('i') ?? 'eth0',
    script: last('s') ?? '/etc/udhcpc/default.script',
    pidFile: last('p'),
    quitOnLease: has('q'),
    failIfNoLease: has('n'),
    backgroundIfNoLease: has('b'),
    foreground: has('f'),
    releaseOnExit: has('R'),
    broadcastReplies: has('B'),
    arping,
    requestedIp,
    ...numbers,
    requested,
    sent,
    macClientId,
  };
}

function positive(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = unsigned(text);
  if (value > INT_MAX) throw new UdhcpcError(`number ${text} is not in 0..${INT_MAX} range`);
  return value;
}

function unsigned(text: string): number {
  if (!/^\d+$/.test(text)) throw new UdhcpcError(`invalid number '${text}'`);
  return Number(text);
}

function requestedCodes(names: readonly string[], noDefaults: boolean): number[] {
  const codes = new Set<number>();
  for (const name of names) {
    const number = parseUnsigned(name);
    const code = number !== undefined && number <= 254 ? number : optionByName(name)?.code;
    if (code === undefined) throw new UdhcpcError(unknownOption(name));
    codes.add(code);
  }
  if (!noDefaults) for (const o of KNOWN_OPTIONS) if (o.requested) codes.add(o.code);
  return [...codes].filter((c) => c > 0).sort((a, b) => a - b);
}
