import type { RandomStream } from '@labwire/core/sim';

/** A random UUID, version 4, as text. virUUIDGenerate() */
export function generateUuid(random: RandomStream): string {
  const bytes = Array.from({ length: 16 }, () => random.below(256));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return formatUuid(bytes);
}

/**
 * Reads a UUID: 32 hexadecimal digits, with hyphens or blanks anywhere between bytes. virUUIDParse()
 * @returns it with small letters and hyphens at their usual places; undefined if it is none
 */
export function parseUuid(text: string): string | undefined {
  const match = /^[ -]*((?:[0-9a-fA-F]{2}[ -]*){16})$/.exec(text.trim());
  if (match === null) return undefined;
  const digits = (match[1] as string).replace(/[ -]/g, '');
  return formatUuid(
    Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)),
  );
}

function formatUuid(bytes: readonly number[]): string {
  const hex = bytes.map((b) => b.toString(16).padStart(2, '0')).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
