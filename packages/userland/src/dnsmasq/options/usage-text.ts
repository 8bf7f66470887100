import { LONG_OPTIONS } from './option-table.ts';
import { USAGE, type UsageRow } from './usage.ts';

/** Where the second column begins. */
const COLUMN = 55;

function line({ key, argument, text }: UsageRow): string {
  const name = LONG_OPTIONS.find((o) => o.key === key)?.name ?? key;
  const letter = key.length === 1 ? `-${key}, ` : '    ';
  const eq = argument === '' || argument.startsWith('[') ? '' : '=';
  const left = `${letter}--${name}${eq}${argument}`;
  return `${left.slice(0, COLUMN).padEnd(COLUMN)}${text}\n`;
}

/** What `dnsmasq --help` prints. */
export function usageText(): string {
  return `Usage: dnsmasq [options]\n\nValid options are:\n${USAGE.map(line).join('')}`;
}
