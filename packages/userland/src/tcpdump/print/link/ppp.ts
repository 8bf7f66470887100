import { type Dissector, hexNumber, OUIS } from '../base/index.ts';
import {
  AUTH_ALGORITHMS,
  CALLBACKS,
  COMPRESSIONS,
  CP_CODES,
  IPCP_OPTIONS,
  LCP_OPTIONS,
  PPP_TYPES,
} from './ppp-tables.ts';

/*
 * PPP as PPPoE carries it. RFC 1661, 1332, 5072, 1994, 1334; tcpdump print-ppp.c
 */

const ADDRESS_AND_CONTROL = 0xff03;
const LCP = 0xc021;
const IPCP = 0x8021;
const IP6CP = 0x8057;
const CHAP = 0xc223;
/** Header compression, and the bytes of its option without suboptions. */
const IPHC = 0x61;
const IPHC_MIN = 14;
const PAP = 0xc023;
/** Control protocols whose messages are LCP's. */
const CONTROL: readonly number[] = [LCP, IPCP, 0x8023, 0x8281, IP6CP, 0x80fd, 0xc02b];

const hex2 = (n: number): string => `0x${hexNumber(n, 2)}`;

/** Prints a frame from its protocol on. ppp_print() */
export function pppPrint(d: Dissector, start: number, whole: number): void {
  d.protocol = 'ppp';
  let [off, length] = [start, whole];
  if (length >= 2 && d.u16(off) === ADDRESS_AND_CONTROL) {
    off += 2;
    length -= 2;
  }
  if (length < 2) {
    d.trunc();
    return;
  }
  const short = d.u8(off) % 2 === 1;
  const proto = short ? d.u8(off) : d.u16(off);
  off += short ? 1 : 2;
  length -= short ? 1 : 2;
  if (d.o.ether) {
    const name = PPP_TYPES[proto];
    d.print(`${name ?? 'unknown'} (0x${hexNumber(proto, 4)}), length ${whole}`);
    if (name === undefined) return;
    d.print(': ');
  }
  payload(d, proto, off, length);
}

function payload(d: Dissector, proto: number, off: number, length: number): void {
  if (CONTROL.includes(proto)) controlPrint(d, proto, off, length);
  else if (proto === CHAP) chapPrint(d, off, length);
  else if (proto === PAP) papPrint(d, off, length);
  else if (proto === 0x21 || proto === 0x2f || proto === 0x0800) d.layers.ip4(d, off, length);
  else if (proto === 0x57 || proto === 0x86dd) d.layers.ip6(d, off, length);
  else if (proto === 0x281 || proto === 0x283) d.layers.etherType(d, 0x8847, off, length);
  else if (proto === 0xfd) d.print('compressed PPP data');
  else {
    d.print(`${PPP_TYPES[proto] ?? `unknown PPP protocol (0x${hexNumber(proto, 4)})`} `);
    d.unknown(off, '\n\t', length);
  }
}

/** handle_ctrl_proto() */
function controlPrint(d: Dissector, proto: number, off: number, length: number): void {
  d.print(`${PPP_TYPES[proto]}, `);
  if (length < 4) {
    d.print(`[|${PPP_TYPES[proto]}]`);
    return;
  }
  const code = d.u8(off);
  const name = CP_CODES[code] ?? 'Unknown Opcode';
  d.print(`${name} (${hex2(code)}), id ${d.u8(off + 1)}, length ${length + 2}`);
  if (d.o.verbose === 0) return;
  const len = d.u16(off + 2);
  if (len < 4) {
    d.print(`\n\tencoded length ${len} (< 4))`);
    return;
  }
  if (len > length) {
    d.print(`\n\tencoded length ${len} (> packet length ${length}))`);
    return;
  }
  d.print(`\n\tencoded length ${len} (=Option(s) length ${len - 4})`);
  if (len === 4) return;
  if (d.o.verbose > 1) d.unknown(off - 2, '\n\t', 6);
  controlBody(d, proto, code, { off, at: off + 4, len });
}

interface Body {
  readonly off: number;
  readonly at: number;
  readonly len: number;
}

function controlBody(d: Dissector, proto: number, code: number, { off, at, len }: Body): void {
  const magic = (): void => d.print(`\n\t  Magic-Num 0x${hexNumber(d.u32(at), 8)}`);
  switch (code) {
    case 0:
      if (len < 11) return;
      magic();
      d.print(` Vendor: ${OUIS[d.u24(at + 4)] ?? 'Unknown'} (${d.u24(at + 4)})`);
      return;
    case 1:
    case 2:
    case 3:
    case 4:
      options(d, proto, at, len);
      return;
    case 5:
    case 6:
    case 7:
      return;
    case 8:
      if (len < 6) return;
      d.print(
        `\n\t  Rejected ${PPP_TYPES[d.u16(at)] ?? 'unknown'} Protocol (0x${hexNumber(d.u16(at), 4)})`,
      );
      if (len > 6) {
        d.print('\n\t  Rejected Packet');
        d.unknown(at + 2, '\n\t    ', len - 2);
      }
      return;
    case 9:
    case 10:
    case 11:
      if (len < 8) return;
      magic();
      if (len === 8) return;
      d.print('\n\t  -----trailing data-----');
      d.need(at + 4, len - 8);
      d.unknown(at + 4, '\n\t  ', len - 8);
      return;
    case 12:
      if (len < 8) return;
      magic();
      if (len === 8) return;
      d.print('\n\t  Message\n\t    ');
      if (!d.printn(at + 4, len - 4)) d.trunc();
      return;
    case 13:
      if (len < 12) return;
      magic();
      d.print(`, Seconds-Remaining ${d.u32(at + 4)}s`);
      return;
    default:
      if (d.o.verbose <= 1) d.unknown(off - 2, '\n\t  ', len + 2);
  }
}

function options(d: Dissector, proto: number, start: number, len: number): void {
  const print = proto === LCP ? lcpOption : proto === IPCP ? ipcpOption : ip6cpOption;
  if (proto !== LCP && proto !== IPCP && proto !== IP6CP) return;
  let at = start;
  for (let left = len - 4; left > 0; ) {
    const size = print(d, at, len);
    if (size === 0) return;
    if (left < size) {
      d.print(` [remaining options length ${left} < ${size}]`);
      d.invalid();
      return;
    }
    left -= size;
    at += size;
  }
}

/** What all options begin with. @returns the option's length, 0 to end */
function head(d: Dissector, at: number, length: number, name: string): number {
  if (length < 2) return 0;
  const size = d.u8(at + 1);
  if (length < size) return 0;
  const text = `\n\t  ${name} Option (${hex2(d.u8(at))}), length ${size}`;
  if (size < 2) {
    d.print(`${text} (length bogus, should be >= 2)`);
    return 0;
  }
  d.print(text);
  return size;
}

/** Bytes of an option, where they are wanted or nobody can take them apart. */
function tail(d: Dissector, at: number, size: number, known: boolean): number {
  if (d.o.verbose > 1 || !known) d.unknown(at + 2, '\n\t    ', size - 2);
  return size;
}

/** Whether an option has the length that it must have. */
function isBogus(d: Dissector, size: number, wanted: number): boolean {
  if (size === wanted) return false;
  d.print(` (length bogus, should be = ${wanted})`);
  return true;
}

/** print_lcp_config_options() */
function lcpOption(d: Dissector, at: number, length: number): number {
  const opt = d.u8(at);
  const name = LCP_OPTIONS[opt];
  if (name === undefined) {
    const size = d.u8(at + 1);
    if (length < size) return 0;
    d.print(`\n\tunknown LCP option ${hex2(opt)}`);
    return size < 2 ? 0 : size;
  }
  const size = head(d, at, length, name);
  if (size === 0) return 0;
  switch (opt) {
    case 1:
    case 17:
      if (isBogus(d, size, 4)) return opt === 1 ? size : 0;
      d.print(`: ${d.u16(at + 2)}`);
      break;
    case 2:
    case 5:
      if (isBogus(d, size, 6)) return opt === 2 ? size : 0;
      d.print(`: 0x${hexNumber(d.u32(at + 2), 8)}`);
      break;
    case 3:
      if (!authOption(d, at, size)) return size;
      break;
    case 4:
      d.print(d.u16(at + 2) === 0xc025 ? ': LQR' : ': unknown');
      break;
    case 7:
    case 8:
      break;
    case 13:
      d.print(`: : Callback Operation ${CALLBACKS[d.u8(at + 2)] ?? 'Unknown'} (${d.u8(at + 2)})`);
      break;
    case 23:
      if (isBogus(d, size, 4)) return 0;
      d.print(`: 0x${hexNumber(d.u16(at + 2), 4)}`);
      break;
    default:
      return tail(d, at, size, false);
  }
  return tail(d, at, size, true);
}

function authOption(d: Dissector, at: number, size: number): boolean {
  if (size < 4) {
    d.print(' (length bogus, should be >= 4)');
    return false;
  }
  const proto = d.u16(at + 2);
  d.print(`: ${PPP_TYPES[proto] ?? 'Unknown Auth Proto (0x04x)'}`);
  if (proto === CHAP) {
    const way = d.u8(at + 4);
    d.print(`, ${AUTH_ALGORITHMS[way] ?? `Unknown Auth Alg ${way}`}`);
  } else if (![PAP, 0xc227, 0xc027, 0xc123].includes(proto)) d.unknown(at, '\n\t', size);
  return true;
}

/** A compression and its numbers. RFC 1332, RFC 3544 */
function compression(d: Dissector, at: number, size: number): boolean {
  if (size < 4) {
    d.print(' (length bogus, should be >= 4)');
    return false;
  }
  const proto = d.u16(at + 2);
  d.print(`: ${COMPRESSIONS[proto] ?? 'Unknown'} (${hex2(proto)}):`);
  if (proto !== IPHC) return true;
  if (size < IPHC_MIN) {
    d.print(` (length bogus, should be >= ${IPHC_MIN})`);
    return false;
  }
  const [tcp, other, period, time, header] = [4, 6, 8, 10, 12].map((n) => d.u16(at + n));
  d.print(`\n\t    TCP Space ${tcp}, non-TCP Space ${other}`);
  d.print(`, maxPeriod ${period}, maxTime ${time}, maxHdr ${header}`);
  return true;
}

/** print_ipcp_config_options() */
function ipcpOption(d: Dissector, at: number, length: number): number {
  const opt = d.u8(at);
  const size = head(d, at, length, IPCP_OPTIONS[opt] ?? 'unknown');
  if (size === 0) return 0;
  const addresses = opt === 1 ? 2 : opt === 3 || opt === 4 || (opt >= 129 && opt <= 132) ? 1 : 0;
  if (opt === 2) return compression(d, at, size) ? tail(d, at, size, true) : 0;
  if (addresses === 0) return tail(d, at, size, false);
  if (isBogus(d, size, 2 + 4 * addresses)) return addresses === 2 ? size : 0;
  if (addresses === 2) d.print(`: src ${d.ip4(at + 2)}, dst ${d.ip4(at + 6)}`);
  else d.print(`: ${d.ip4(at + 2)}`);
  return tail(d, at, size, true);
}

/** print_ip6cp_config_options() */
function ip6cpOption(d: Dissector, at: number, length: number): number {
  const opt = d.u8(at);
  const size = head(d, at, length, opt === 1 ? 'Interface-ID' : 'unknown');
  if (size === 0 || opt !== 1) return size === 0 ? 0 : tail(d, at, size, false);
  if (isBogus(d, size, 10)) return size;
  const words = [2, 4, 6, 8].map((n) => hexNumber(d.u16(at + n), 4));
  d.print(`: ${words.join(':')}`);
  return tail(d, at, size, true);
}

const CHAP_CODES: readonly string[] = ['unknown', 'Challenge', 'Response', 'Success', 'Fail'];
const PAP_CODES: readonly string[] = ['unknown', 'Auth-Req', 'Auth-ACK', 'Auth-NACK'];

/** handle_chap() */
function chapPrint(d: Dissector, off: number, length: number): void {
  if (length < 4) {
    d.print(length < 1 ? '[|chap]' : `[|chap ${hex2(d.u8(off))}]`);
    return;
  }
  const code = d.u8(off);
  d.print(`CHAP, ${CHAP_CODES[code] ?? 'unknown'} (${hex2(code)}), id ${d.u8(off + 1)}`);
  const len = d.u16(off + 2);
  let at = off + 4;
  if (code === 1 || code === 2) {
    const size = length > 4 ? d.u8(at) : 0;
    if (length < 5 || length - 5 < size) return;
    d.print(`, Value ${d.hex(at + 1, size)}`);
    at += 1 + size;
    d.print(`, Name ${d.chars(at, Math.max(0, len - (at - off)))}`);
  } else if (code === 3 || code === 4) d.print(`, Msg ${d.chars(at, Math.max(0, len - 4))}`);
}

/** handle_pap() */
function papPrint(d: Dissector, off: number, length: number): void {
  if (length < 4) {
    d.print(length < 1 ? '[|pap]' : `[|pap ${hex2(d.u8(off))}]`);
    return;
  }
  const code = d.u8(off);
  d.print(`PAP, ${PAP_CODES[code] ?? 'unknown'} (${hex2(code)}), id ${d.u8(off + 1)}`);
  const len = d.u16(off + 2);
  if (len > length) {
    d.print(`, length ${len} > packet size`);
    return;
  }
  if (len < 4) {
    d.print(`, length ${len} < PAP header length`);
    return;
  }
  const labels = code === 1 ? ['Peer', 'Name'] : code === 2 || code === 3 ? ['Msg'] : [];
  if (labels.length > 0 && len < 4 + labels.length) {
    d.print('[|pap]');
    return;
  }
  let at = off + 4;
  for (const label of labels) {
    if (at - off >= len) return;
    const size = d.u8(at);
    if (len - (at + 1 - off) < size) return;
    d.print(`, ${label} ${d.chars(at + 1, size)}`);
    at += 1 + size;
  }
}
