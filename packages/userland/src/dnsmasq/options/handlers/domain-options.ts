import { type Ipv4Addr, type Ipv6Addr, ipv4Mask, ipv6 } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parseInet } from '../../../libc-net/index.ts';
import type { ConditionalDomain } from '../../config/index.ts';
import { OptionError } from '../../fatal.ts';
import { canonicalise, optionName, parseInteger, split, splitAt, unhide } from '../option-text.ts';
import { need, type OptionContext, type OptionHandler, type OptionHandlers } from './handler.ts';
import { addLocalRange } from './server-options.ts';

/** Characters that a prefix leaves for the address behind it in one label: MAXLABEL - INET_ADDRSTRLEN. */
const MAX_PREFIX4 = 63 - 16;
const MAX_PREFIX6 = 63 - 46;

interface Range {
  readonly first: InetAddr;
  readonly last: InetAddr;
}

function range4(addr: Ipv4Addr, size: number): Range {
  const mask = ipv4Mask(size);
  return { first: (addr & mask) as Ipv4Addr, last: (addr | ~mask) as Ipv4Addr };
}

/** Only the last 64 bits can be a range. */
function range6(addr: Ipv6Addr, size: number): Range {
  const bits = Math.min(128 - size, 64);
  const mask = (word: number) => {
    const n = Math.min(Math.max(bits - word * 32, 0), 32);
    return n === 32 ? -1 : (1 << n) - 1;
  };
  const [low, high] = [mask(0), mask(1)];
  return {
    first: ipv6(addr.w0, addr.w1, addr.w2 & ~high, addr.w3 & ~low),
    last: ipv6(addr.w0, addr.w1, addr.w2 | high, addr.w3 | low),
  };
}

function prefixName(text: string, max: number): string {
  const name = canonicalise(text);
  if (name === undefined || name.length > max) throw new OptionError('bad prefix');
  return name;
}

interface Rest {
  readonly range: Range | undefined;
  readonly device?: string;
  readonly prefix?: string;
  readonly size?: number;
}

/** `NET/BITS[,local]`, or with a prefix for made-up names. */
function netRange(
  c: OptionContext,
  domain: string,
  net: string,
  behind: string,
  synth: boolean,
): Rest {
  const [bits, extra] = split(behind);
  const size = need(parseInteger(bits), c.genericError);
  const addr = need(parseInet(net), c.genericError);
  const is4 = typeof addr === 'number';
  if (size > (is4 ? 32 : 128)) throw new OptionError('bad prefix length');
  const range = is4 ? range4(addr, size) : range6(addr, size);
  if (extra === undefined) return { range, size };
  if (synth) return { range, size, prefix: prefixName(extra, is4 ? MAX_PREFIX4 : MAX_PREFIX6) };
  if (extra !== 'local') throw new OptionError(c.genericError);
  addLocalRange(c.config, domain, range.first, size);
  return { range, size };
}

/** `FIRST[,LAST][,PREFIX]`, or a device. */
function plainRange(c: OptionContext, text: string, synth: boolean): Rest {
  const [start, rest] = split(text);
  const [end, prefix] = rest === undefined ? [undefined, undefined] : split(rest);
  const first = parseInet(start);
  const named = synth && prefix !== undefined ? { prefix: prefixName(prefix, MAX_PREFIX4) } : {};
  if (first === undefined) {
    if (synth) throw new OptionError(c.genericError);
    return { range: undefined, device: start };
  }
  const last = end === undefined ? first : need(parseInet(end), c.genericError);
  if (typeof last !== typeof first) throw new OptionError(c.genericError);
  return { range: { first, last }, ...named };
}

const domainOption: OptionHandler = (c, arg, key) => {
  const synth = key === 'synth-domain';
  const [raw, behind] = split(arg);
  const domain = need(optionName(raw), c.genericError);
  if (behind === undefined) {
    if (synth) throw new OptionError(c.genericError);
    if (raw === '#') c.config.flags.add('domain-from-resolv-file');
    else c.config.domain = domain;
    return;
  }
  const text = unhide(behind);
  const [net, bits] = splitAt(text, '/');
  const rest =
    bits === undefined ? plainRange(c, text, synth) : netRange(c, domain, net, bits, synth);
  const indexed = rest.prefix?.endsWith('*') === true;
  if (indexed && typeof rest.range?.first === 'object' && (rest.size ?? 0) < 64)
    throw new OptionError('prefix length too small');
  const entry: ConditionalDomain = {
    domain,
    range: rest.range,
    device: rest.device,
    prefix: indexed ? rest.prefix?.slice(0, -1) : rest.prefix,
    indexed,
  };
  (synth ? c.config.synthDomains : c.config.conditionalDomains).unshift(entry);
};

/** The domain of this net, or of ranges of addresses. */
export const domainOptions: OptionHandlers = {
  s: domainOption,
  'synth-domain': domainOption,
};
