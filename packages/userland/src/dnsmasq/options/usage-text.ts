import { LONG_OPTIONS } from './option-table.ts';
import { USAGE, type UsageRow } from './usage.ts';

function line({ key, argument }: UsageRow): string {
  const name = LONG_OPTIONS.find((o) => o.key === key)?.name ?? key;
  const letter = key.length === 1 ? `-${key}, ` : '    ';
  const eq = argument === '' || argument.startsWith('[') ? '' : '=';
  return `${letter}--${name}${eq}${argument}\n`;
}

/** What `dnsmasq --help` prints, without what it says of each option. */
export function usageText(): string {
  return `Usage: dnsmasq [options]\n\nValid options are:\n${USAGE.map(line).join('')}`;
}
