import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { OptionError } from '../../fatal.ts';

/** The names below which the PTR records of a net are: several if it does not end between digits. dnsmasq src/option.c, domain_rev4() */
export function reverseDomains(addr: InetAddr, size: number): string[] {
  return typeof addr === 'number' ? domains4(addr, size) : domains6(addr, size);
}

function domains4(addr: Ipv4Addr, size: number): string[] {
  if (size > 32 || size < 1) throw new OptionError('bad IPv4 prefix length');
  const digits = [24, 16, 8, 0].map((shift) => (addr >>> shift) & 0xff);
  return expand(digits, size, 8, 10, 'in-addr.arpa');
}

function domains6(addr: Ipv6Addr, size: number): string[] {
  if (size > 128 || size < 1) throw new OptionError('bad IPv6 prefix length');
  const digits = [addr.w0, addr.w1, addr.w2, addr.w3].flatMap((w) =>
    [28, 24, 20, 16, 12, 8, 4, 0].map((shift) => (w >>> shift) & 0xf),
  );
  return expand(digits, size, 4, 16, 'ip6.arpa');
}

/** Names of `size` bits, of which each digit holds `width`; the bits of the last, cut digit run through all values. */
function expand(
  digits: readonly number[],
  size: number,
  width: number,
  base: number,
  suffix: string,
): string[] {
  const whole = Math.floor(size / width);
  const rest = size % width;
  const name = (last: readonly number[]) =>
    [...digits.slice(0, whole), ...last]
      .map((d) => d.toString(base))
      .reverse()
      .concat(suffix)
      .join('.');
  if (rest === 0) return [name([])];
  const count = 1 << (width - rest);
  const first = (digits[whole] as number) & ~(count - 1);
  return Array.from({ length: count }, (_, i) => name([first + i]));
}
