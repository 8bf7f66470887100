import type { Row, RowResult } from '../conformance-set.ts';

/** How a refusal of ours names itself. */
const REFUSAL = /Labwire|not supported by/;

/** Compares what came with what should have. @param said what virsh complained of */
export function verdict(
  row: Row & { readonly kind: string; readonly tier: string },
  got: string,
  want: string,
  said: string,
): RowResult {
  const refused = REFUSAL.test(said) && !REFUSAL.test(want);
  const result = got === want ? 'right' : refused ? 'refused' : 'wrong';
  return { result, got, want, group: `${row.tier} ${row.kind}`, figures: {} };
}
