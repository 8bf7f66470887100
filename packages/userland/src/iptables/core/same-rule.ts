import type { XtRule } from '@labwire/devices/netfilter';

/** A value with the fields of its records in one order, bytes as numbers. */
function canonical(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value === 'bigint') return String(value);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, canonical(v)]);
}

/** Whether two rules say the same, whatever they have counted. nft_rule_cmp() */
export function sameRule(a: XtRule, b: XtRule): boolean {
  const text = (r: XtRule): string => JSON.stringify(canonical({ ...r, counters: 0 }));
  return text(a) === text(b);
}
