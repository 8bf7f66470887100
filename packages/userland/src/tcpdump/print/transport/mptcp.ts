import { type Dissector, hexNumber, type Names } from '../base/index.ts';

const SYN = 0x02;
const ACK = 0x10;
const ECHOES: Names = { 6: 'v0-ip6', 4: 'v0-ip4', 1: 'v1-echo', 0: 'v1' };

/** A 64-bit number as `%llx` shows it. */
function long(d: Dissector, at: number): string {
  return d.hex(at, 8).replace(/^0{1,15}/, '');
}

/** A 64-bit number in decimal. */
function decimal(d: Dissector, at: number): string {
  return ((BigInt(d.u32(at)) << 32n) | BigInt(d.u32(at + 4))).toString();
}

type Printer = (d: Dissector, at: number, length: number, flags: number) => boolean;

/** RFC 8684 section 3, by subtype; each says whether the option may be as it is. */
const SUBTYPES: readonly (readonly [name: string, print: Printer])[] = [
  ['capable', capable],
  ['join', join],
  ['dss', dss],
  ['add-addr', addAddress],
  ['rem-addr', removeAddress],
  ['prio', priority],
  ['fail', fail],
  ['fast-close', fastClose],
];

/** Prints a Multipath TCP option. print-mptcp.c @returns whether it may be as it is */
export function mptcpPrint(d: Dissector, at: number, length: number, flags: number): boolean {
  d.protocol = 'mptcp';
  if (length < 3) return false;
  const [name, print] = SUBTYPES[d.u8(at + 2) >> 4] ?? ['unknown', () => true];
  d.print(` ${length} ${name}`);
  return print(d, at, length, flags);
}

function capable(d: Dissector, at: number, length: number, flags: number): boolean {
  const opening = (length === 12 || length === 4) && (flags & SYN) !== 0;
  const closing = (length === 20 || length === 22) && (flags & (SYN | ACK)) === ACK;
  if (!opening && !closing) return false;
  const version = d.u8(at + 2) & 15;
  if (version > 1) {
    d.print(` Unknown Version (${version})`);
    return true;
  }
  d.print(` v${version}${(d.u8(at + 3) & 0x80) !== 0 ? ' csum' : ''}`);
  if (length >= 12)
    d.print(` {0x${long(d, at + 4)}${length >= 20 ? `,0x${long(d, at + 12)}` : ''}}`);
  return true;
}

function join(d: Dissector, at: number, length: number, flags: number): boolean {
  const syn = length === 12 && (flags & SYN) !== 0;
  const synAck = length === 16 && (flags & (SYN | ACK)) === (SYN | ACK);
  const ack = length === 24 && (flags & ACK) !== 0;
  if (!syn && !synAck && !ack) return false;
  if (length !== 24) d.print(`${(d.u8(at + 2) & 1) !== 0 ? ' backup' : ''} id ${d.u8(at + 3)}`);
  if (length === 12)
    d.print(` token 0x${hexNumber(d.u32(at + 4))} nonce 0x${hexNumber(d.u32(at + 8))}`);
  else if (length === 16)
    d.print(` hmac 0x${long(d, at + 4)} nonce 0x${hexNumber(d.u32(at + 12))}`);
  else d.print(` hmac 0x${d.hex(at + 4, 20)}`);
  return true;
}

function dss(d: Dissector, start: number, length: number, flags: number): boolean {
  if (length < 4 || (flags & SYN) !== 0) return false;
  const what = d.u8(start + 3);
  if ((what & 0x10) !== 0) d.print(' fin');
  let at = start + 4;
  let left = length - 4;
  const number = (wide: boolean, lead: string): boolean => {
    const size = wide ? 8 : 4;
    d.print(lead);
    if (left < size) return false;
    d.print(wide ? decimal(d, at) : String(d.u32(at)));
    at += size;
    left -= size;
    return true;
  };
  if ((what & 0x01) !== 0 && !number((what & 0x02) !== 0, ' ack ')) return false;
  if ((what & 0x04) !== 0) {
    if (!number((what & 0x08) !== 0, ' seq ')) return false;
    if (left < 4) return false;
    d.print(` subseq ${d.u32(at)}`);
    if (left < 6) return false;
    d.print(` len ${d.u16(at + 4)}`);
    at += 6;
    left -= 6;
    if (left >= 2) {
      d.print(` csum 0x${hexNumber(d.u16(at))}`);
      left -= 2;
    }
  }
  return left === 0;
}

function addAddress(d: Dissector, at: number, length: number): boolean {
  const four = [8, 10, 16, 18].includes(length);
  if (!four && ![20, 22, 28, 30].includes(length)) return false;
  d.print(` ${ECHOES[d.u8(at + 2) & 15] ?? '[bad version/echo]'} id ${d.u8(at + 3)}`);
  const size = four ? 4 : 16;
  const after = at + 4 + size;
  const extra = length - 4 - size;
  d.print(` ${four ? d.ip4(at + 4) : d.ip6(at + 4)}`);
  const port = extra === 2 || extra === 10;
  if (port) d.print(`:${d.u16(after)}`);
  if (extra >= 8) d.print(` hmac 0x${long(d, after + (port ? 2 : 0))}`);
  return true;
}

function removeAddress(d: Dissector, at: number, length: number): boolean {
  if (length < 4) return false;
  d.print(' id');
  for (let i = 3; i < length; i++) d.print(` ${d.u8(at + i)}`);
  return true;
}

function priority(d: Dissector, at: number, length: number): boolean {
  if (length !== 3 && length !== 4) return false;
  d.print((d.u8(at + 2) & 1) !== 0 ? ' backup' : ' non-backup');
  if (length === 4) d.print(` id ${d.u8(at + 3)}`);
  return true;
}

function fail(d: Dissector, at: number, length: number): boolean {
  if (length !== 12) return false;
  d.print(` seq ${decimal(d, at + 4)}`);
  return true;
}

function fastClose(d: Dissector, at: number, length: number): boolean {
  if (length !== 12) return false;
  d.print(` key 0x${long(d, at + 4)}`);
  return true;
}
