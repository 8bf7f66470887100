import { type DnsRecord, sameName } from '@labwire/devices/dns';

/** Puts records of one name together, and among them those of one type, each where its first one stands. */
export function recordSets(records: readonly DnsRecord[]): DnsRecord[][] {
  const names: DnsRecord[][][] = [];
  for (const record of records) {
    const sets = names.find((s) => sameName(s[0]?.[0]?.name ?? '', record.name));
    if (sets === undefined) {
      names.push([[record]]);
      continue;
    }
    const set = sets.find((s) => s[0]?.type === record.type);
    if (set === undefined) sets.push([record]);
    else set.push(record);
  }
  return names.flat();
}
