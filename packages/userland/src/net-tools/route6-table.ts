import { formatIpv6, type Ipv6Addr, ipv6 } from '@labwire/core/addr';
import type { Process } from '../machine/index.ts';

const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

/** Letters of RTF_*, in their order. net-tools lib/inet6_gr.c, rprint_fib6() */
const LETTERS: readonly (readonly [bit: number, letter: string])[] = [
  [0x2, 'G'],
  [0x4, 'H'],
  [0x1_0000, 'D'],
  [0x2_0000, 'A'],
  [0x4_0000, 'd'],
  [0x20_0000, 'n'],
];

const HEADER = 'Destination                    Next Hop                   Flag Met Ref  Use If\n';

function addressOf(hex: string): Ipv6Addr {
  const word = (i: number): number => Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16);
  return ipv6(word(0), word(1), word(2), word(3));
}

/** Without `-n` the address that stands for all is in brackets; others have no names here. */
function shown(hex: string, numeric: boolean): string {
  const text = formatIpv6(addressOf(hex));
  return text === '::' && !numeric ? '[::]' : text;
}

function flagLetters(flags: number): string {
  const first = (flags & RTF_REJECT) !== 0 ? '!' : 'U';
  return first + LETTERS.map(([bit, letter]) => ((flags & bit) !== 0 ? letter : '')).join('');
}

function lineText(line: string, numeric: boolean): string {
  const [
    dst = '',
    plen = '',
    ,
    ,
    via = '',
    metric = '',
    refs = '',
    use = '',
    flags = '',
    dev = '',
  ] = line.trim().split(/\s+/);
  const number = (hex: string): number => Number.parseInt(hex, 16);
  const bits = number(flags);
  if ((bits & (RTF_UP | RTF_REJECT)) === 0) return '';
  const to = `${shown(dst, numeric)}/${number(plen)}`;
  const head = `${to.padEnd(30)} ${shown(via, numeric).padEnd(26)} ${flagLetters(bits).padEnd(4)}`;
  const counts = `${String(number(metric) | 0).padEnd(3)} ${number(refs)}${String(number(use)).padStart(7)}`;
  return `${head} ${counts} ${dev}\n`;
}

/** Shows IPv6 routes as /proc/net/ipv6_route has them. net-tools lib/inet6_gr.c, rprint_fib6() */
export async function showRoutes6(proc: Process, numeric: boolean): Promise<number> {
  const lines = proc.fs.readText('/proc/net/ipv6_route').split('\n').slice(0, -1);
  const rows = lines.map((line) => lineText(line, numeric));
  await proc.out(`Kernel IPv6 routing table\n${HEADER}${rows.join('')}`);
  return 0;
}

/** The cache that there is no more. net-tools lib/inet6_gr.c, rprint_cache6() */
export async function showCache6(proc: Process): Promise<number> {
  await proc.out(`Kernel IPv6 routing cache\n${HEADER}`);
  return 0;
}
