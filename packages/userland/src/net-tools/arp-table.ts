import { formatIpv4, parseIpv4 } from '@labwire/core/addr';
import type { Process } from '../machine/index.ts';
import { reverse } from '../resolver/index.ts';
import { ARP_FAILED } from './arp-change.ts';
import { resolveInet } from './inet.ts';

const ATF_COM = 0x2;
const ATF_PERM = 0x4;
const ATF_PUBL = 0x8;

const HEADER = 'Address                  HWtype  HWaddress           Flags Mask            Iface\n';

/** What is shown of the entries, and how. */
export interface ArpShow {
  /** In BSD's style. */
  all: boolean;
  /** As a table. */
  table: boolean;
  numeric: boolean;
  verbose: boolean;
  /** Only of the hardware type that was asked for. */
  typed: boolean;
  /** Only of this device; empty for any. */
  device: string;
}

/** A line of /proc/net/arp. */
interface ArpLine {
  readonly ip: string;
  readonly flags: number;
  readonly hardware: string;
  readonly device: string;
}

function readTable(proc: Process): ArpLine[] {
  const lines = proc.fs.readText('/proc/net/arp').split('\n').slice(1, -1);
  return lines.map((line) => {
    const [ip = '', , flags = '', hardware = '', , device = ''] = line.trim().split(/\s+/);
    return { ip, flags: Number.parseInt(flags, 16), hardware, device };
  });
}

/** A line of the table. `arp_disp_2()` */
function tableLine(name: string, { flags, hardware, device }: ArpLine): string {
  const isPublic = (flags & ATF_PUBL) !== 0;
  const letters = [
    (flags & ATF_COM) === 0 ? '' : 'C',
    (flags & ATF_PERM) === 0 ? '' : 'M',
    isPublic ? 'P' : '',
  ].join('');
  const [type, addr] =
    (flags & ATF_COM) !== 0
      ? ['ether', hardware]
      : isPublic
        ? ['*', '<from_interface>']
        : ['', '(incomplete)'];
  const host = name.slice(0, 23).padEnd(23);
  return `${host}  ${type.padEnd(8)}${addr.padEnd(20)}${letters.padEnd(6)}${''.padEnd(15)} ${device}\n`;
}

/** A line in BSD's style. `arp_disp()` */
function bsdLine(name: string, { ip, flags, hardware, device }: ArpLine): string {
  const isPublic = (flags & ATF_PUBL) !== 0;
  const addr =
    (flags & ATF_COM) !== 0
      ? `${hardware} [ether]`
      : isPublic
        ? '<from_interface>'
        : '<incomplete>';
  const marks = `${(flags & ATF_PERM) === 0 ? '' : 'PERM '}${isPublic ? 'PUB ' : ''}`;
  return `${name} (${ip}) at ${addr} ${marks}on ${device}\n`;
}

async function nameOf(proc: Process, ip: string, numeric: boolean): Promise<string> {
  const addr = numeric ? undefined : parseIpv4(ip);
  const found = addr === undefined ? undefined : await reverse(proc, addr);
  return found?.name ?? '?';
}

/** Shows the entries, or those of one host. `arp_show()` */
export async function showArp(
  proc: Process,
  o: ArpShow,
  wanted: string | undefined,
): Promise<number> {
  const host =
    wanted === undefined
      ? undefined
      : formatIpv4((await resolveInet(proc, wanted, ARP_FAILED)).addr);
  const entries = readTable(proc);
  const shown = entries.filter(
    (e) => (host === undefined || e.ip === host) && (o.device === '' || e.device === o.device),
  );
  if (o.table && shown.length > 0) await proc.out(HEADER);
  for (const entry of shown) {
    const name = await nameOf(proc, entry.ip, o.numeric);
    await proc.out(
      o.table ? tableLine(name === '?' ? entry.ip : name, entry) : bsdLine(name, entry),
    );
  }
  if (o.verbose) {
    const skipped = entries.length - shown.length;
    await proc.out(`Entries: ${entries.length}\tSkipped: ${skipped}\tFound: ${shown.length}\n`);
  }
  if (shown.length > 0) return 0;
  if (host !== undefined && !o.all) await proc.out(`${wanted} (${host}) -- no entry\n`);
  else if (o.typed || host !== undefined || o.device !== '')
    await proc.out(`arp: in ${entries.length} entries no match found.\n`);
  return 0;
}
