import {
  formatMac,
  type Ipv4Addr,
  type Ipv6Addr,
  isMulticastMac,
  type MacAddr,
  parseIpv4,
  parseIpv6,
  parseMac,
} from '@labwire/core/addr';
import { MS, type Nanos, SEC, US } from '@labwire/core/sim';
import { z } from 'zod';

/** An address with the length of its prefix. */
export interface InterfaceAddress {
  readonly addr: Ipv4Addr | Ipv6Addr;
  readonly prefixLen: number;
}

/** A value read from text; `read` answers undefined for what it can't read. */
function fromText<T>(
  read: (text: string) => T | undefined,
  whatItIsNot: string,
  mend: string,
): z.ZodType<T> {
  return z.unknown().transform((value, ctx) => {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    const result = text === undefined ? undefined : read(text);
    if (result !== undefined) return result;
    const shown = JSON.stringify(value) ?? 'nothing';
    ctx.addIssue({ code: 'custom', message: `${shown} is ${whatItIsNot}; ${mend}` });
    return z.NEVER;
  }) as unknown as z.ZodType<T>;
}

/** `192.168.0.2/24`, `2001:db8::1/64`; without a length one address alone. */
export const interfaceAddress: z.ZodType<InterfaceAddress> = fromText(
  readInterfaceAddress,
  'no address',
  'write ADDRESS/LENGTH, such as 192.168.0.2/24',
);

function readInterfaceAddress(text: string): InterfaceAddress | undefined {
  const [address = '', length, more] = text.split('/');
  const addr = parseIpv4(address) ?? parseIpv6(address);
  if (addr === undefined || more !== undefined) return undefined;
  const max = typeof addr === 'number' ? 32 : 128;
  if (length === undefined) return { addr, prefixLen: max };
  const prefixLen = /^\d{1,3}$/.test(length) ? Number(length) : max + 1;
  return prefixLen <= max ? { addr, prefixLen } : undefined;
}

/** A bare address of either family. */
export const address: z.ZodType<Ipv4Addr | Ipv6Addr> = fromText(
  (t) => parseIpv4(t) ?? parseIpv6(t),
  'no address',
  'write one without a length, such as 192.168.0.1',
);

/** A MAC address that a NIC can have. */
export const mac: z.ZodType<MacAddr> = fromText(
  (t) => {
    const m = parseMac(t);
    return m === undefined || m === 0 || isMulticastMac(m) ? undefined : m;
  },
  "no NIC's MAC address",
  `write six hexadecimal bytes, the first of them even, such as "${formatMac(0x0200_0000_0001 as MacAddr)}"`,
);

const TIME_UNITS: Readonly<Record<string, Nanos>> = { s: SEC, ms: MS, us: US, ns: 1 };

/** `1ms`, `0.5s`: as tc(8) writes times. */
export const delay: z.ZodType<Nanos> = fromText(
  (t) => scaled(t, TIME_UNITS),
  'no delay',
  'write a number with s, ms, us or ns, such as 1ms',
);

const RATE_UNITS: Readonly<Record<string, number>> = {
  bit: 1,
  kbit: 1e3,
  mbit: 1e6,
  gbit: 1e9,
  tbit: 1e12,
};

/** `100mbit`: as tc(8) writes rates; bits per second. */
export const rate: z.ZodType<number> = fromText(
  (t) => {
    const bits = scaled(t, RATE_UNITS);
    return bits === 0 ? undefined : bits;
  },
  'no rate',
  'write a number with bit, kbit, mbit, gbit or tbit, such as 1gbit',
);

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const m = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text.toLowerCase());
  const unit = units[m?.[2] ?? ''];
  return m === null || unit === undefined ? undefined : Math.round(Number(m[1]) * unit);
}

/** `0.1%`; a fraction from 0 to 1. */
export const loss: z.ZodType<number> = fromText(
  (t) => {
    const m = /^(\d+(?:\.\d+)?)%$/.exec(t);
    const percent = m === null ? Number.NaN : Number(m[1]);
    return percent <= 100 ? percent / 100 : undefined;
  },
  'no loss',
  'write a percentage from 0% to 100%',
);
