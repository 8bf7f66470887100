import type { ParsedCommand } from '../command.ts';

/** The fields of a rate, in the order in which they are typed. */
const FIELDS = ['average', 'peak', 'burst', 'floor'] as const;
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * What `--inbound` and `--outbound` ask for, as lines of XML.
 * @returns lines, or what is wrong with a rate
 */
export function bandwidthXml(cmd: ParsedCommand): readonly string[] | string {
  const lines: string[] = [];
  for (const direction of ['inbound', 'outbound']) {
    const text = cmd.value(direction);
    if (text === undefined) continue;
    const rate = parseRate(text);
    if (typeof rate === 'string') return rate;
    const wrong = direction === 'inbound' ? wrongInbound(rate) : wrongOutbound(rate);
    if (wrong !== undefined) return wrong;
    const given = FIELDS.flatMap((name) => {
      const value = rate.get(name);
      return value === undefined ? [] : ` ${name}='${value}'`;
    });
    lines.push(`    <${direction}${given.join('')}/>`);
  }
  return lines.length === 0 ? [] : ['  <bandwidth>', ...lines, '  </bandwidth>'];
}

/** Fields that are given, and not 0. */
type Rate = ReadonlyMap<string, bigint>;

/** AVERAGE[,PEAK[,BURST[,FLOOR]]]. virshParseRateStr() @returns what is wrong with it if anything is */
function parseRate(text: string): Rate | string {
  const words = text.split(',');
  if (words.length > FIELDS.length) return `Rate string '${text}' has too many fields`;
  const rate = new Map<string, bigint>();
  for (const [i, name] of FIELDS.entries()) {
    const word = words[i] ?? '';
    if (word === '') continue;
    const value = /^\s*\+?\d+$/.test(word) ? BigInt(word.trim().replace('+', '')) : undefined;
    if (value === undefined || value > MAX_UINT64) return `field '${name}' is malformed`;
    if (value > 0n) rate.set(name, value);
  }
  return rate;
}

function wrongInbound(rate: Rate): string | undefined {
  if (rate.has('average') || rate.has('floor')) return undefined;
  return 'either inbound average or floor is mandatory';
}

function wrongOutbound(rate: Rate): string | undefined {
  if (!rate.has('average')) return 'outbound average is mandatory';
  return rate.has('floor') ? 'outbound floor is unsupported yet' : undefined;
}
