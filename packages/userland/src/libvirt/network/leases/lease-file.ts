import type { FileSystem } from '../../../machine/index.ts';

/** A lease as the lease helper keeps it. libvirt src/util/virlease.c */
export interface Lease {
  readonly iaid?: string;
  readonly 'ip-address'?: string;
  readonly 'mac-address'?: string;
  readonly hostname?: string;
  readonly 'client-id'?: string;
  readonly 'server-duid'?: string;
  /** Seconds since the epoch; 0 is never. */
  readonly 'expiry-time'?: number;
}

/** In the order in which they are written. */
const KEYS = [
  'iaid',
  'ip-address',
  'mac-address',
  'hostname',
  'client-id',
  'server-duid',
  'expiry-time',
] as const;

/** Reads a bridge's leases; no file, and an empty one, hold none. virLeaseReadCustomLeaseFile() @returns undefined if it makes no sense */
export function readLeases(fs: FileSystem, path: string): Lease[] | undefined {
  const text = fs.exists(path) ? fs.readText(path) : '';
  if (text.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isLease) : undefined;
  } catch {
    return undefined;
  }
}

function isLease(value: unknown): value is Lease {
  return typeof value === 'object' && value !== null && 'ip-address' in value;
}

/** Leases as the file holds them. virJSONValueToString() */
export function formatLeases(leases: readonly Lease[]): string {
  if (leases.length === 0) return '[\n\n]\n';
  const objects = leases.map((lease) => {
    const lines = KEYS.filter((k) => lease[k] !== undefined).map(
      (k) => `    ${JSON.stringify(k)}: ${JSON.stringify(lease[k])}`,
    );
    return `  {\n${lines.join(',\n')}\n  }`;
  });
  return `[\n${objects.join(',\n')}\n]\n`;
}
