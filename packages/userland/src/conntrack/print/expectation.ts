import type { Expectation } from '@labwire/devices/conntrack';
import { formatInet } from '../../libc-net/index.ts';
import { portsText } from './entry-line.ts';

const ALL_ONES = { inet: '255.255.255.255', inet6: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' };
const NONE = { inet: '0.0.0.0', inet6: '::' };

/** An expectation as a line. libnetfilter_conntrack src/expect/snprintf_default.c */
export function expectationLine(e: Expectation, now: number): string {
  const family = typeof e.dst === 'number' ? 'inet' : 'inet6';
  const { orig } = e.master;
  const src = e.src === undefined ? NONE[family] : formatInet(e.src);
  const srcMask = e.src === undefined ? NONE[family] : ALL_ONES[family];
  const portMask = e.sport === undefined ? 0 : 65_535;
  return [
    `${Math.max(0, Math.floor((e.expires - now) / 1e9))} proto=${e.proto}`,
    `src=${src} dst=${formatInet(e.dst)} sport=${e.sport ?? 0} dport=${e.dport}`,
    `mask-src=${srcMask} mask-dst=${ALL_ONES[family]} sport=${portMask} dport=65535`,
    `master-src=${formatInet(orig.src)} master-dst=${formatInet(orig.dst)} ${portsText(orig).trimEnd()}`,
    `${e.permanent ? 'PERMANENT ' : ''}class=0 helper=${e.helper}`,
  ].join(' ');
}
