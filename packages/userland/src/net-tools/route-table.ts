import { formatIpv4, IPV4_ANY, type Ipv4Addr } from '@labwire/core/addr';
import type { Process } from '../machine/index.ts';
import { inetName } from './inet.ts';

const RTF_UP = 0x1;
const RTF_HOST = 0x4;
const RTF_REJECT = 0x200;

/** Letters of RTF_*, in their order; `!` takes the place of those before it. net-tools lib/inet_gr.c, rprint_fib() */
const LETTERS: readonly (readonly [bit: number, letter: string])[] = [
  [RTF_HOST, 'H'],
  [0x8, 'R'],
  [0x10, 'D'],
  [0x20, 'M'],
];

/** Headers by how much is shown. */
const HEADERS = [
  'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n',
  'Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n',
  'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt\n',
];

const NET24 = -256 as Ipv4Addr;

/** A line of /proc/net/route. */
interface RouteLine {
  readonly device: string;
  readonly dst: Ipv4Addr;
  readonly gateway: Ipv4Addr;
  readonly flags: number;
  readonly mask: Ipv4Addr;
  /** By the file's column names. */
  readonly metric: string;
  readonly mtu: string;
  readonly window: string;
  readonly irtt: string;
}

/** An address as a little-endian machine writes its bytes. */
function fromHostOrder(hex: string): Ipv4Addr {
  const n = Number.parseInt(hex, 16);
  return (((n & 255) << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) as Ipv4Addr;
}

function readLine(line: string): RouteLine {
  const [device = '', dst = '', gateway = '', flags = '', , , metric = '', mask = '', ...rest] =
    line.trimEnd().split('\t');
  const [mtu = '0', window = '0', irtt = '0'] = rest;
  return {
    device,
    dst: fromHostOrder(dst),
    gateway: fromHostOrder(gateway),
    flags: Number.parseInt(flags, 16),
    mask: fromHostOrder(mask),
    metric,
    mtu,
    window,
    irtt,
  };
}

function flagLetters(flags: number): string {
  const first = (flags & RTF_REJECT) !== 0 ? '!' : (flags & 0x2) !== 0 ? 'UG' : 'U';
  return first + LETTERS.map(([bit, letter]) => ((flags & bit) !== 0 ? letter : '')).join('');
}

/** One route at each width. @param extended 1 the metric, 2 what TCP knows, more for both */
function lineText(r: RouteLine, dst: string, gateway: string, extended: number): string {
  const to = dst.slice(0, 15).padEnd(15);
  const mask = formatIpv4(r.mask).padEnd(15);
  const flags = flagLetters(r.flags).padEnd(5);
  const metric = r.metric.padEnd(6);
  if ((r.flags & RTF_REJECT) !== 0) {
    const head = `${to} -               ${mask} ${flags}`;
    if (extended === 2) return `${head}     - -          - -\n`;
    const tail = extended === 1 ? '-' : '-        -     -      -';
    return `${head} ${metric} -  ${'0'.padStart(7)} ${tail}\n`;
  }
  const head = `${to} ${gateway.slice(0, 15).padEnd(15)} ${mask} ${flags}`;
  if (extended === 1) return `${head} ${metric} 0  ${'0'.padStart(7)} ${r.device}\n`;
  if (extended === 2)
    return `${head} ${r.mtu.padStart(5)} ${r.window.padEnd(5)} ${r.irtt.padStart(6)} ${r.device}\n`;
  const device = r.device.slice(0, 6).padEnd(6);
  return `${head} ${metric} 0   ${'0'.padStart(6)} ${device}   ${r.mtu.padEnd(5)} ${r.window.padEnd(6)} ${r.irtt}\n`;
}

/** Shows the main table as /proc/net/route has it. net-tools lib/inet_gr.c, rprint_fib(). @param extended 1, 2 or more */
export async function showRoutes(
  proc: Process,
  extended: number,
  numeric: boolean,
): Promise<number> {
  await proc.out(`Kernel IP routing table\n${HEADERS[Math.min(extended, 3) - 1]}`);
  const lines = proc.fs.readText('/proc/net/route').split('\n').slice(1, -1).map(readLine);
  for (const r of lines.filter((l) => (l.flags & RTF_UP) !== 0)) {
    const host = (r.flags & RTF_HOST) !== 0;
    const dst = await inetName(proc, r.dst, { numeric, defaultName: true, host, mask: r.mask });
    const gateway = await gatewayName(proc, r.gateway, numeric);
    await proc.out(lineText(r, dst, gateway, extended));
  }
  return 0;
}

function gatewayName(proc: Process, addr: Ipv4Addr, numeric: boolean): Promise<string> {
  return inetName(proc, addr, { numeric: numeric || addr === IPV4_ANY, host: true, mask: NET24 });
}
