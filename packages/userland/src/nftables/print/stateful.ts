/** Statements with a state of their own as text. src/statement.c */
import type { NftLimit, NftQuota, NftStmt } from '@labwire/devices/netfilter';
import type { Style } from '../type/index.ts';

const UNITS: readonly (readonly [number, string])[] = [
  [604_800, 'week'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** Bytes in the largest unit that divides them. `get_rate()` */
function scaled(n: number): string {
  if (n === 0) return '0 bytes';
  if (n % (1024 * 1024) === 0) return `${n / (1024 * 1024)} mbytes`;
  if (n % 1024 === 0) return `${n / 1024} kbytes`;
  return `${n} bytes`;
}

/** What `limit` says, without the word. */
export function textLimit(s: NftLimit): string {
  const unit = UNITS.find(([n]) => n === s.unit)?.[1] ?? 'error';
  const over = s.over ? 'over ' : '';
  if (s.of === 'packets')
    return `rate ${over}${s.rate}/${unit}${s.burst === 5 || s.burst === 0 ? '' : ` burst ${s.burst} packets`}`;
  return `rate ${over}${scaled(s.rate)}/${unit}${s.burst === 0 ? '' : ` burst ${scaled(s.burst)}`}`;
}

/** What `quota` says, without the word; nft_quota_do_dump() tells no more used than the quota. */
export function textQuota(s: NftQuota, style: Style): string {
  const used = style.stateless || s.used === 0 ? '' : ` used ${scaled(Math.min(s.used, s.bytes))}`;
  return `${s.over ? 'over ' : ''}${scaled(s.bytes)}${used}`;
}

/** A statement that a rule or an element counts with. */
export function textStateful(s: NftStmt, style: Style): string {
  switch (s.kind) {
    case 'counter':
      return style.stateless ? 'counter' : `counter packets ${s.packets} bytes ${s.bytes}`;
    case 'quota':
      return `quota ${textQuota(s, style)}`;
    case 'limit':
      return `limit ${textLimit(s)}`;
    case 'ct count':
      return `ct count ${s.over ? 'over ' : ''}${s.count}`;
    default:
      return '';
  }
}
