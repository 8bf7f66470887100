import { DHCP_OPTIONS } from './dhcp-options.ts';
import { type Dissector, hexPairs, Truncated } from './dissector.ts';

const MESSAGES: readonly string[] = [
  '',
  'Discover',
  'Offer',
  'Request',
  'Decline',
  'ACK',
  'NACK',
  'Release',
  'Inform',
];
const COOKIE = 0x6382_5363;
const FIXED = 236;
const PAD = 0;
const END = 255;
const MESSAGE_TYPE = 53;
const PARAMETER_REQUEST = 55;
const CLIENT_ID = 61;
const CLASSLESS_ROUTES: readonly number[] = [121, 249];
const CLIENT_FQDN = 81;

/** Prints a BOOTP or DHCP message. print-bootp.c */
export function dhcpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'bootp';
  const op = d.u8(off);
  const name =
    op === 1 ? 'Request' : op === 2 ? 'Reply' : `unknown (0x${op.toString(16).padStart(2, '0')})`;
  d.print(`BOOTP/DHCP, ${name}`);
  const [htype, hlen] = [d.u8(off + 1), d.u8(off + 2)];
  const ether = htype === 1 && hlen === 6;
  if (ether && op === 1) d.print(` from ${d.mac(off + 28)}`);
  d.print(`, length ${length}`);
  if (d.o.verbose === 0) return;
  if (htype !== 1) d.print(`, htype ${htype}`);
  if (!ether) d.print(`, hlen ${hlen}`);
  if (d.u8(off + 3) !== 0) d.print(`, hops ${d.u8(off + 3)}`);
  if (d.u32(off + 4) !== 0) d.print(`, xid 0x${d.u32(off + 4).toString(16)}`);
  if (d.u16(off + 8) !== 0) d.print(`, secs ${d.u16(off + 8)}`);
  const flags = d.u16(off + 10);
  d.print(`, Flags [${(flags & 0x8000) !== 0 ? 'Broadcast' : 'none'}]`);
  if (d.o.verbose > 1) d.print(` (0x${flags.toString(16).padStart(4, '0')})`);
  for (const [label, at] of [
    ['Client', 12],
    ['Your', 16],
    ['Server', 20],
    ['Gateway', 24],
  ] as const)
    if (d.u32(off + at) !== 0) d.print(`\n\t  ${label}-IP ${d.ip4(off + at)}`);
  if (ether) d.print(`\n\t  Client-Ethernet-Address ${d.mac(off + 28)}`);
  text(d, 'sname', off + 44, 64);
  text(d, 'file', off + 108, 128);
  const vendor = d.u32(off + FIXED);
  if (vendor === COOKIE) options(d, off + FIXED);
  else if (vendor !== 0) d.print(`\n\t  Vendor-#0x${vendor.toString(16)}`);
}

function text(d: Dissector, label: string, off: number, size: number): void {
  if (d.u8(off) === 0) return;
  let n = 0;
  while (n < size && d.u8(off + n) !== 0) n++;
  d.print(`\n\t  ${label} "${d.chars(off, n)}"`);
}

function options(d: Dissector, off: number): void {
  d.print(
    `\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x${d.u32(off).toString(16).padStart(8, '0')}`,
  );
  let at = off + 4;
  while (d.has(at, 1)) {
    const tag = d.u8(at++);
    if ((tag === PAD || tag === END) && d.o.verbose < 3) {
      if (tag === END) return;
      continue;
    }
    const [format, name] = DHCP_OPTIONS[tag] ?? ['?', 'Unknown'];
    const length = tag === PAD || tag === END ? 0 : d.u8(at++);
    d.print(`\n\t    ${name} (${tag}), length ${length}${length > 0 ? ': ' : ''}`);
    if (tag === PAD) {
      let count = 1;
      while (d.has(at, 1) && d.u8(at) === PAD) {
        at++;
        count++;
      }
      if (count > 1) d.print(`, occurs ${count}`);
      continue;
    }
    d.need(at, length);
    d.print(optionText(d, tag, format, at, length));
    at += length;
  }
}

function optionText(d: Dissector, tag: number, format: string, at: number, length: number): string {
  if (tag === MESSAGE_TYPE && length === 1) return MESSAGES[d.u8(at)] ?? `Unknown (${d.u8(at)})`;
  if (tag === PARAMETER_REQUEST) return requested(d, at, length);
  if (tag === CLIENT_ID) return clientId(d, at, length);
  if (CLASSLESS_ROUTES.includes(tag)) return routes(d, at, length);
  if (tag === CLIENT_FQDN && length >= 3) return fqdn(d, at, length);
  const kind = format === '?' ? (length % 2 === 1 ? 'b' : length % 4 === 2 ? 's' : 'l') : format;
  const each = (size: number, show: (at: number) => string) =>
    Array.from({ length: Math.floor(length / size) }, (_, i) => show(at + i * size));
  switch (kind) {
    case 'a':
      return `"${d.chars(at, length)}"`;
    case 'i':
      return each(4, (p) => d.ip4(p)).join(',');
    case 'l':
      return each(4, (p) => String(d.u32(p))).join(',');
    case 'L':
      return each(4, (p) => String(d.u32(p) | 0)).join(',');
    case 'p':
      return each(8, (p) => `(${d.ip4(p)}:${d.ip4(p + 4)})`).join(',');
    case 's':
      return each(2, (p) => String(d.u16(p))).join(',');
    case 'B':
      return each(1, (p) => ['N', 'Y'][d.u8(p)] ?? `${d.u8(p)}?`).join(',');
    case 'x':
      return hexPairs(d.buf.subarray(at, at + length), ':');
    default:
      return each(1, (p) => String(d.u8(p))).join('.');
  }
}

function requested(d: Dissector, at: number, length: number): string {
  let out = '';
  for (let i = 0; i < length; i++) {
    const tag = d.u8(at + i);
    out += `${i % 4 === 0 ? '\n\t      ' : ', '}${DHCP_OPTIONS[tag]?.[1] ?? 'Unknown'} (${tag})`;
  }
  return out;
}

function clientId(d: Dissector, at: number, length: number): string {
  if (length < 1) return '[ERROR: length < 1 bytes]';
  const type = d.u8(at);
  if (type === 0) return `"${d.chars(at + 1, length - 1)}"`;
  const name = type === 1 ? 'ether' : type === 6 ? 'ieee802' : `hardware-type ${type},`;
  return `${name} ${hexPairs(d.buf.subarray(at + 1, at + length), ':')}`;
}

function fqdn(d: Dissector, at: number, length: number): string {
  const flags = d.u8(at) & 15;
  const names = `${(flags & 8) !== 0 ? 'N' : ''}${(flags & 4) !== 0 ? 'E' : ''}${(flags & 2) !== 0 ? 'O' : ''}${(flags & 1) !== 0 ? 'S' : ''}`;
  const codes = d.u8(at + 1) !== 0 || d.u8(at + 2) !== 0 ? `${d.u8(at + 1)}/${d.u8(at + 2)} ` : '';
  return `${flags === 0 ? '' : `[${names}] `}${codes}"${d.chars(at + 3, length - 3)}"`;
}

function routes(d: Dissector, start: number, length: number): string {
  const found: string[] = [];
  for (let at = start; at < start + length; ) {
    const plen = d.u8(at++);
    if (plen > 32) throw new Truncated();
    const octets = Math.ceil(plen / 8);
    const net = Array.from({ length: octets }, (_, i) => d.u8(at + i)).join('.');
    at += octets;
    found.push(`(${plen === 0 ? 'default' : `${net}/${plen}`}:${d.ip4(at)})`);
    at += 4;
  }
  return found.join(',');
}
