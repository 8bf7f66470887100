import { get8, get32, put8, put32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { IPV4_MIN_HLEN, Ipv4Off } from '@labwire/core/wire';
import type { Ipv4 } from '../ipv4.ts';
import type { Ipv4TxHeader } from '../tx-header.ts';
import { compileOptions } from './compile.ts';
import { IPOPT_TS_PRESPEC, IpOptions } from './ip-options.ts';
import { timestampNow } from './source.ts';

/** Bytes of the longest options. */
const MAX_LENGTH = 40;

/** Takes options to be sent, as setsockopt(IP_OPTIONS) does. @throws KernelError EINVAL. `ip_options_get()` */
export function optionsToSend(ip: Ipv4, bytes: Uint8Array): IpOptions {
  if (bytes.length > MAX_LENGTH) throw new KernelError('EINVAL');
  const data = new Uint8Array((bytes.length + 3) & ~3);
  data.set(bytes);
  const options = new IpOptions(data);
  const bad = compileOptions(ip, data, 0, data.length, -IPV4_MIN_HLEN, options, null);
  if (bad !== undefined) throw new KernelError('EINVAL');
  return options;
}

/** Gives a header options as they leave: with our address, the time, and the end of a source route. `ip_options_build()` */
export function putOptions(ip: Ipv4, header: Ipv4TxHeader, options: IpOptions): void {
  const { saddr, daddr } = header;
  const bytes = options.data.slice();
  const at = (offset: number): number => offset - IPV4_MIN_HLEN;
  if (options.srr !== 0) {
    const srr = at(options.srr);
    put32(bytes, srr + get8(bytes, srr + 1) - 4, daddr);
  }
  if (options.rrNeedAddr) {
    const rr = at(options.rr);
    put32(bytes, rr + get8(bytes, rr + 2) - 5, saddr);
  }
  const ts = at(options.ts);
  if (options.tsNeedAddr) put32(bytes, ts + get8(bytes, ts + 2) - 9, saddr);
  if (options.tsNeedTime) put32(bytes, ts + get8(bytes, ts + 2) - 5, timestampNow(ip));
  header.options = options.withData(bytes);
  if (options.srr !== 0) header.daddr = options.faddr;
}

/**
 * The options of an answer to a received packet: records go on, a source route is turned round.
 * @returns undefined if there can be no answer. `__ip_options_echo()`
 */
export function echoOptions(ip: Ipv4, skb: SkBuff): IpOptions | null | undefined {
  const from = skb.ipOptions as IpOptions | null;
  if (from === null) return null;
  const echo = new IpOptions(new Uint8Array(MAX_LENGTH));
  let length = 0;
  const copy = (offset: number): number => {
    const size = get8(skb.buf, skb.nh + offset + 1);
    echo.data.set(skb.buf.subarray(skb.nh + offset, skb.nh + offset + size), length);
    const at = length;
    length += size;
    return at;
  };
  if (from.rr !== 0 && !echoRecord(from, echo, copy(from.rr))) return undefined;
  if (from.ts !== 0 && !echoStamp(ip, from, echo, copy(from.ts))) return undefined;
  if (from.srr !== 0) length += echoRoute(skb, from, echo, length);
  echo.data = echo.data.slice(0, (length + 3) & ~3);
  return length === 0 ? null : echo;
}

/** The options of an answer as a program is told of them, before anybody writes into them. `ip_cmsg_recv_retopts()` */
export function returnedOptions(ip: Ipv4, skb: SkBuff): Uint8Array | undefined {
  const from = skb.ipOptions as IpOptions | null;
  const echo = echoOptions(ip, skb);
  if (from === null || echo === undefined || echo === null) return undefined;
  for (const field of ['rr', 'ts'] as const)
    if (echo[field] !== 0)
      put8(echo.data, echo[field] - IPV4_MIN_HLEN + 2, get8(skb.buf, skb.nh + from[field] + 2));
  return echo.data;
}

function echoRecord(from: IpOptions, echo: IpOptions, at: number): boolean {
  const size = get8(echo.data, at + 1);
  const pointer = get8(echo.data, at + 2);
  echo.rr = at + IPV4_MIN_HLEN;
  if (!from.rrNeedAddr || pointer > size) return true;
  if (pointer + 3 > size) return false;
  put8(echo.data, at + 2, pointer + 4);
  echo.rrNeedAddr = true;
  return true;
}

function echoStamp(ip: Ipv4, from: IpOptions, echo: IpOptions, at: number): boolean {
  const { data } = echo;
  const size = get8(data, at + 1);
  let pointer = get8(data, at + 2);
  echo.ts = at + IPV4_MIN_HLEN;
  if (pointer > size) return true;
  if (from.tsNeedAddr) {
    if (pointer + 3 > size) return false;
    echo.tsNeedAddr = true;
    pointer += 4;
  }
  if (from.tsNeedTime) {
    if (pointer + 3 > size) return false;
    if ((get8(data, at + 3) & 0xf) !== IPOPT_TS_PRESPEC) {
      echo.tsNeedTime = true;
      pointer += 4;
    } else if (pointer + 7 <= size && ip.addrType(get32(data, at + pointer - 1)) !== 'unicast') {
      echo.tsNeedTime = true;
      pointer += 8;
    }
  }
  put8(data, at + 2, pointer);
  return true;
}

/** @returns the bytes that the way back takes */
function echoRoute(skb: SkBuff, from: IpOptions, echo: IpOptions, at: number): number {
  const { buf, nh } = skb;
  const start = nh + from.srr;
  const size = get8(buf, start + 1);
  let offset = Math.min(get8(buf, start + 2), size + 1) - 4;
  if (offset <= 3) return 0;
  const faddr = get32(buf, start + offset - 1);
  let filled = 4;
  for (offset -= 4; offset > 3; offset -= 4, filled += 4)
    put32(echo.data, at + filled - 1, get32(buf, start + offset - 1));
  // RFC 1812 section 5.3.13.4: illegal source routes are set right
  if (get32(buf, nh + Ipv4Off.saddr) === get32(buf, start + offset + 3)) filled -= 4;
  if (filled <= 3) return 0;
  echo.faddr = faddr;
  put8(echo.data, at, get8(buf, start));
  put8(echo.data, at + 1, filled + 3);
  put8(echo.data, at + 2, 4);
  echo.srr = at + IPV4_MIN_HLEN;
  echo.isStrict = from.isStrict;
  return filled + 3;
}
