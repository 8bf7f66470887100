import { formatIpv4, formatIpv6, type Ipv4Addr, type Ipv6Addr } from '@labwire/core/addr';
import { addrDump, linkDump } from '@labwire/devices/rtnetlink';
import { readInputText, ToolError, tool } from '../coreutils/index.ts';
import type { Process, Program } from '../machine/index.ts';

const USAGE = `Usage: hostname [-b] {hostname|-F file}         set host name (from file)
       hostname [-a|-A|-d|-f|-i|-I|-s|-y]       display formatted name
       hostname                                 display host name

       {yp,nis,}domainname {nisdomain|-F file}  set NIS domain name (from file)
       {yp,nis,}domainname                      display NIS domain name

       dnsdomainname                            display dns domain name

       hostname -V|--version|-h|--help          print info and exit

Program name:
       {yp,nis,}domainname=hostname -y
       dnsdomainname=hostname -d
`;

/** hostname(1). */
export const hostname: Program = tool(
  {
    name: 'hostname',
    letters: 'aAbdfF:hiIsyV',
    longs: {
      short: 's',
      fqdn: 'f',
      long: 'f',
      domain: 'd',
      'ip-address': 'i',
      'all-ip-addresses': 'I',
      'all-fqdns': 'A',
      'file=': 'F',
    },
    usageStatus: 255,
    usage: USAGE,
  },
  async (proc, options, operands) => {
    const file = options.value('F');
    const name = file === undefined ? operands[0] : (await readInputText(proc, file)).trim();
    if (name !== undefined) return set(proc, name);
    if (options.has('I'))
      await proc.out(
        `${addresses(proc)
          .map((a) => `${a} `)
          .join('')}\n`,
      );
    else if (options.has('i')) await proc.out(`${hostAddress(proc)}\n`);
    else await proc.out(`${shown(proc, options.has('s'), options.has('d'), options.has('f'))}\n`);
    return 0;
  },
);

function set(proc: Process, name: string): number {
  if (proc.uid !== 0) throw new ToolError('you must be root to change the host name', 1);
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name) || name.length > 64)
    throw new ToolError('the specified hostname is invalid', 1);
  proc.machine.hostname = name;
  return 0;
}

/** The line of /etc/hosts that names the machine. */
function hostsLine(proc: Process): string[] | undefined {
  if (!proc.fs.exists('/etc/hosts')) return undefined;
  const lines = proc.fs
    .readText('/etc/hosts')
    .split('\n')
    .map((l) => l.replace(/#.*/, '').trim().split(/\s+/));
  return lines.find(([, ...names]) => names.includes(proc.machine.hostname));
}

function hostAddress(proc: Process): string {
  const line = hostsLine(proc);
  if (line === undefined) throw new ToolError('Name or service not known', 1);
  return line[0] as string;
}

function shown(proc: Process, short: boolean, domain: boolean, full: boolean): string {
  const name = proc.machine.hostname;
  if (short) return name.split('.', 1)[0] as string;
  const fqdn = hostsLine(proc)?.[1] ?? name;
  if (domain) return fqdn.includes('.') ? fqdn.slice(fqdn.indexOf('.') + 1) : '';
  return full ? fqdn : name;
}

/** All addresses of devices that are up, but loopback and link-local ones. */
function addresses(proc: Process): string[] {
  const up = new Set(
    linkDump(proc.netns)
      .filter((l) => (l.flags & 1) !== 0 && (l.flags & 8) === 0)
      .map((l) => l.ifindex),
  );
  return addrDump(proc.netns)
    .filter((a) => up.has(a.ifindex) && a.scope === 0)
    .map((a) =>
      a.family === 'inet' ? formatIpv4(a.local as Ipv4Addr) : formatIpv6(a.local as Ipv6Addr),
    );
}
