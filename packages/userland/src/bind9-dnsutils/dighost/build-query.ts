import { put16 } from '@labwire/core/bytes';
import {
  type DnsMessage,
  type DnsRecord,
  EDNS_DO,
  type EdnsOption,
  FLAG_AA,
  FLAG_AD,
  FLAG_CD,
  FLAG_RA,
  FLAG_RD,
  FLAG_TC,
  FLAG_Z,
  writeMessage,
} from '@labwire/devices/dns';
import { parseInet } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import type { Lookup } from './lookup.ts';

const UDP_SIZE = 1232;
const OPTION_NSID = 3;
const OPTION_SUBNET = 8;
const OPTION_EXPIRE = 9;
const OPTION_COOKIE = 10;
const OPTION_KEEPALIVE = 11;
const OPTION_PADDING = 12;
const COOKIE_SIZE = 8;
const TYPE_AXFR = 252;

/** The data of a client-subnet option. RFC 7871 section 6 */
function subnetData(text: string): Uint8Array {
  const [host = '', bits] = text.split('/');
  const addr = parseInet(host === '0' ? '0.0.0.0' : host) ?? 0;
  const is4 = typeof addr === 'number';
  const length = bits === undefined ? (host === '0' ? 0 : is4 ? 32 : 128) : Number(bits);
  const words = is4 ? [addr] : [addr.w0, addr.w1, addr.w2, addr.w3];
  const bytes = words.flatMap((w) => [24, 16, 8, 0].map((shift) => (w >>> shift) & 0xff));
  const kept = bytes.slice(0, Math.ceil(length / 8));
  const cut = length % 8;
  if (cut !== 0) kept[kept.length - 1] = (kept.at(-1) ?? 0) & (0xff << (8 - cut));
  return Uint8Array.from([0, is4 ? 1 : 2, length, 0, ...kept]);
}

function ednsOptions(proc: Process, lookup: Lookup, tcp: boolean): EdnsOption[] {
  const options: EdnsOption[] = [];
  const empty = new Uint8Array(0);
  if (lookup.nsid) options.push({ code: OPTION_NSID, data: empty });
  if (lookup.subnet !== undefined)
    options.push({ code: OPTION_SUBNET, data: subnetData(lookup.subnet) });
  if (lookup.cookie !== undefined) options.push(cookie(proc, lookup.cookie));
  if (lookup.expire) options.push({ code: OPTION_EXPIRE, data: empty });
  if (lookup.keepAlive && tcp) options.push({ code: OPTION_KEEPALIVE, data: empty });
  if (lookup.padding > 0) options.push({ code: OPTION_PADDING, data: empty });
  return [...options, ...lookup.options];
}

function cookie(proc: Process, data: Uint8Array): EdnsOption {
  const { random } = proc.machine.kernel;
  const own = Uint8Array.from({ length: COOKIE_SIZE }, () => random.below(256));
  return { code: OPTION_COOKIE, data: data.length > 0 ? data : own };
}

function flagsOf(lookup: Lookup): number {
  const flags: readonly (readonly [boolean, number])[] = [
    [lookup.recurse && lookup.type !== TYPE_AXFR, FLAG_RD],
    [lookup.aa, FLAG_AA],
    [lookup.ad, FLAG_AD],
    [lookup.cd, FLAG_CD],
    [lookup.ra, FLAG_RA],
    [lookup.tc, FLAG_TC],
    [lookup.z, FLAG_Z],
  ];
  return flags.reduce((all, [set, bit]) => (set ? all | bit : all), 0);
}

/** The question that a lookup asks. */
export function buildQuery(proc: Process, lookup: Lookup, name: string): DnsMessage {
  const none: readonly DnsRecord[] = [];
  const { edns, udpSize, ednsFlags, dnssec } = lookup;
  return {
    id: lookup.id ?? proc.machine.kernel.random.below(0x1_0000),
    flags: flagsOf(lookup),
    opcode: lookup.opcode,
    rcode: 0,
    questions: lookup.headerOnly ? [] : [{ name, type: lookup.type, class: lookup.class }],
    answers: none,
    authorities: none,
    additionals: none,
    edns:
      edns === undefined
        ? undefined
        : {
            udpSize: udpSize ?? UDP_SIZE,
            extendedRcode: 0,
            version: edns,
            flags: ednsFlags | (dnssec ? EDNS_DO : 0),
            options: ednsOptions(proc, lookup, lookup.tcp),
          },
  };
}

/** A question as bytes, padded if that is asked for. */
export function queryBytes(lookup: Lookup, message: DnsMessage): Uint8Array {
  const bytes = writeMessage(message);
  const { padding } = lookup;
  if (padding === 0 || message.edns === undefined) return bytes;
  const missing = (padding - (bytes.length % padding)) % padding;
  const options = message.edns.options.map((o) =>
    o.code === OPTION_PADDING ? { ...o, data: new Uint8Array(missing) } : o,
  );
  return writeMessage({ ...message, edns: { ...message.edns, options } });
}

/** A message behind its length, as TCP carries it. */
export function framed(message: Uint8Array): Uint8Array {
  const out = new Uint8Array(message.length + 2);
  put16(out, 0, message.length);
  out.set(message, 2);
  return out;
}
