import { type Dissector, hexNumber } from '../base/index.ts';
import { fqdnPrint } from '../dns/index.ts';
import { authenticationPrint } from './dhcp6-auth.ts';
import { DHCP6_MESSAGES, DHCP6_OPTIONS, DHCP6_STATUS } from './dhcp6-tables.ts';

const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
const RENEW = 5;
const INFORMATION_REQUEST = 11;
const ADDRESS = 16;
/** Bytes shown of what has no known form. */
const SHOWN = 10;

/** Prints a DHCPv6 message. RFC 8415; print-dhcp6.c */
export function dhcp6Print(d: Dissector, off: number, length: number): void {
  d.protocol = 'dhcp6';
  d.print('dhcp6');
  const end = Math.min(off + length, d.end);
  if (!d.has(off, 4)) {
    d.trunc();
    return;
  }
  const type = d.u8(off);
  d.print(` ${DHCP6_MESSAGES[type] ?? `msgtype-${type}`}`);
  if (d.o.verbose === 0) return;
  d.print(' (');
  if (type === RELAY_FORWARD || type === RELAY_REPLY) {
    d.print(`linkaddr=${d.ip6(off + 2)} peeraddr=${d.ip6(off + 18)}`);
    optionsPrint(d, off + 34, end);
  } else {
    d.print(`xid=${hexNumber(d.u24(off + 1))}`);
    optionsPrint(d, off + 4, end);
  }
  d.print(')');
}

/** An option's data. */
interface Data {
  readonly type: number;
  readonly at: number;
  readonly length: number;
}

function optionsPrint(d: Dissector, start: number, end: number): void {
  for (let at = start; at < end; ) {
    if (end < at + 4 || !d.has(at, 4)) {
      d.trunc();
      return;
    }
    const [type, length] = [d.u16(at), d.u16(at + 2)];
    if (end < at + 4 + length) {
      d.trunc();
      return;
    }
    d.print(` (${DHCP6_OPTIONS[type] ?? `opt_${type}`}`);
    if (!d.has(at + 4, length) || !optionPrint(d, { type, at: at + 4, length })) {
      d.trunc();
      return;
    }
    at += 4 + length;
  }
}

/** Prints what stands behind an option's name, up to the parenthesis. @returns whether it is whole */
function optionPrint(d: Dissector, o: Data): boolean {
  const shown = SIMPLE[DHCP6_OPTIONS[o.type] ?? ''];
  if (shown !== undefined) {
    const [fits, show] = shown;
    d.print(fits(o.length) ? `${show(d, o.at, o.length)})` : ' ?)');
    return true;
  }
  const nested = NESTED[DHCP6_OPTIONS[o.type] ?? ''];
  if (nested !== undefined) {
    const [fixed, show] = nested;
    if (o.length < fixed) {
      d.print(' ?)');
      return true;
    }
    d.print(show(d, o.at));
    if (o.length > fixed) optionsPrint(d, o.at + fixed, o.at + o.length);
    d.print(')');
    return true;
  }
  return complexPrint(d, o);
}

const exactly = (n: number) => (length: number) => length === n;
const atLeast = (n: number) => (length: number) => length >= n;
const multiple = (n: number) => (length: number) => length % n === 0;
const always = () => true;

function eachAddress(d: Dissector, at: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i += ADDRESS) text += ` ${d.ip6(at + i)}`;
  return text;
}

function codes(d: Dissector, at: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i += 2) {
    const code = d.u16(at + i);
    text += ` ${DHCP6_OPTIONS[code] ?? `opt_${code}`}`;
  }
  return text;
}

function padded(d: Dissector, at: number, length: number): string {
  let n = 0;
  while (n < length && d.u8(at + n) !== 0) n++;
  return ` ${d.chars(at, n)}`;
}

/** At most ten bytes from `from` on. */
function someBytes(d: Dissector, at: number, length: number, from: number): string {
  return `${d.hex(at + from, Math.max(0, Math.min(length - from, SHOWN)))}...`;
}

function identifier(d: Dissector, at: number, length: number): string {
  const type = d.u16(at);
  switch (type) {
    case 1:
      return length < 8
        ? ' ?'
        : ` hwaddr/time type ${d.u16(at + 2)} time ${d.u32(at + 4)} ${d.hex(at + 8, length - 8)}`;
    case 2:
      return length < 10 ? ' ?' : ` vid ${d.hex(at + 2, 8)}`;
    case 3:
      return length < 4 ? ' ?' : ` hwaddr type ${d.u16(at + 2)} ${d.hex(at + 4, length - 4)}`;
    default:
      return ` type ${type}`;
  }
}

function reconfigure(d: Dissector, at: number): string {
  const type = d.u8(at);
  if (type === RENEW) return ' for renew';
  return type === INFORMATION_REQUEST ? ' for inf-req' : ` for ???(${hexNumber(type, 2)})`;
}

function status(d: Dissector, at: number): string {
  const code = d.u16(at);
  return ` ${code > 255 ? 'INVALID code' : (DHCP6_STATUS[code] ?? `code${code}`)}`;
}

type Show = (d: Dissector, at: number, length: number) => string;

const ADDRESSES: readonly [(length: number) => boolean, Show] = [multiple(ADDRESS), eachAddress];
const NUMBER32: readonly [(length: number) => boolean, Show] = [
  exactly(4),
  (d, at) => ` ${d.u32(at)}`,
];
const SOME_BYTES: readonly [(length: number) => boolean, Show] = [
  always,
  (d, at, n) => ` ${someBytes(d, at, n, 0)}`,
];
const TEXT: readonly [(length: number) => boolean, Show] = [atLeast(5), padded];

/** Options that hold no others: which lengths they may have, and what is shown of them. */
const SIMPLE: Readonly<Record<string, readonly [(length: number) => boolean, Show]>> = {
  'client-ID': [atLeast(2), identifier],
  'server-ID': [atLeast(2), identifier],
  'option-request': [multiple(2), codes],
  'Echo-request-option': [multiple(2), codes],
  preference: [exactly(1), (d, at) => ` ${d.u8(at)}`],
  'elapsed-time': [exactly(2), (d, at) => ` ${d.u16(at)}`],
  'interface-ID': SOME_BYTES,
  'Subscriber-ID': SOME_BYTES,
  'reconfigure-message': [exactly(1), reconfigure],
  'SIP-servers-address': ADDRESSES,
  'DNS-server': ADDRESSES,
  'SNTP-servers': ADDRESSES,
  'NIS-server': ADDRESSES,
  'NIS+-server': ADDRESSES,
  'BCMCS-server': ADDRESSES,
  'PANA-agent': ADDRESSES,
  'LQ-client-link': ADDRESSES,
  'status-code': [atLeast(2), status],
  lifetime: NUMBER32,
  'Clt-time': NUMBER32,
  'Remote-ID': [atLeast(4), (d, at, n) => ` ${d.u32(at)} ${someBytes(d, at, n, 4)}`],
  'LQ-relay-data': [atLeast(16), (d, at, n) => ` ${d.ip6(at)} ${someBytes(d, at, n, 16)}`],
  'POSIX-timezone': TEXT,
  'POSIX-tz-database': TEXT,
  'MUD-URL': TEXT,
};

/** Options that hold others: the bytes before those, and what is shown of them. */
const NESTED: Readonly<
  Record<string, readonly [fixed: number, show: (d: Dissector, at: number) => string]>
> = {
  IA_ADDR: [24, (d, at) => ` ${d.ip6(at)} pltime:${d.u32(at + 16)} vltime:${d.u32(at + 20)}`],
  IA_NA: [12, (d, at) => ` IAID:${d.u32(at)} T1:${d.u32(at + 4)} T2:${d.u32(at + 8)}`],
  IA_PD: [12, (d, at) => ` IAID:${d.u32(at)} T1:${d.u32(at + 4)} T2:${d.u32(at + 8)}`],
  IA_TA: [4, (d, at) => ` IAID:${d.u32(at)}`],
  'IA_PD-prefix': [
    25,
    (d, at) => ` ${d.ip6(at + 9)}/${d.u8(at + 8)} pltime:${d.u32(at)} vltime:${d.u32(at + 4)}`,
  ],
  'Lease-query': [
    17,
    (d, at) =>
      ` ${['', 'by-address', 'by-clientID'][d.u8(at)] || `type_${d.u8(at)}`} ${d.ip6(at + 1)}`,
  ],
  'LQ-client-data': [0, () => ''],
};

/** @returns whether it is whole */
function complexPrint(d: Dissector, o: Data): boolean {
  const end = o.at + o.length;
  switch (DHCP6_OPTIONS[o.type]) {
    case 'relay-message': {
      d.print(' (');
      const was = d.limit(end);
      dhcp6Print(d, o.at, o.length);
      d.end = was;
      break;
    }
    case 'authentication':
      authenticationPrint(d, o.at, o.length);
      break;
    case 'SIP-servers-domain':
    case 'DNS-search-list':
      for (let at: number | undefined = o.at; at < end; ) {
        d.print(' ');
        at = fqdnPrint(d, at, end);
        if (at === undefined) return false;
      }
      break;
    case 'NTP-server':
      if (!timeServers(d, o)) return false;
      break;
    case 'AFTR-Name':
      tunnelEnd(d, o);
      break;
  }
  d.print(')');
  return true;
}

/** RFC 5908 */
function timeServers(d: Dissector, o: Data): boolean {
  if (o.length < 4) {
    d.print(' ?');
    return true;
  }
  const end = o.at + o.length;
  for (let at = o.at; at < end - 4; ) {
    const [code, size] = [d.u16(at), d.u16(at + 2)];
    at += 4;
    if (at + size > end) return false;
    d.print(` subopt:${code}`);
    if (code === 1 || code === 2) d.print(size === ADDRESS ? ` ${d.ip6(at)}` : ' ?');
    else if (code === 3) {
      d.print(' ');
      if (fqdnPrint(d, at, at + size) === undefined) return false;
    } else d.print(' ?');
    at += size;
  }
  return true;
}

/** RFC 6334 */
function tunnelEnd(d: Dissector, o: Data): void {
  if (o.length < 3) {
    d.print(' ?');
    return;
  }
  d.print(' ');
  let left = o.length;
  for (let at = o.at; left > 0 && d.u8(at) !== 0; ) {
    const size = d.u8(at++);
    if (size >= left - 1) {
      d.print(' ?');
      return;
    }
    d.printPadded(at, size);
    at += size;
    left -= size + 1;
    if (d.u8(at) !== 0) d.print('.');
  }
}
