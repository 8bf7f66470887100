/** JSON as libnftables writes it: one line, a blank behind each comma and colon. */

/** Anything that JSON can say. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** The text of a value; members that are undefined are left out. */
export function jsonText(v: Json): string {
  if (Array.isArray(v)) return `[${v.map(jsonText).join(', ')}]`;
  if (typeof v !== 'object' || v === null) return JSON.stringify(v);
  const members = Object.entries(v).filter((e): e is [string, Json] => e[1] !== undefined);
  return `{${members.map(([k, x]) => `${JSON.stringify(k)}: ${jsonText(x)}`).join(', ')}}`;
}
