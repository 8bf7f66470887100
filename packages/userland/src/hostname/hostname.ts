import { strerror } from '@labwire/core/error';
import { addrDump, type InetAddr, linkDump } from '@labwire/devices/rtnetlink';
import { ToolError, tool, UsageError } from '../coreutils/index.ts';
import { formatInet } from '../libc-net/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { gaiStrerror, resolve, reverse } from '../resolver/index.ts';

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

const LETTERS = 'aAbdfF:hiIsyV';
const LONGS = {
  alias: 'a',
  boot: 'b',
  short: 's',
  fqdn: 'f',
  long: 'f',
  domain: 'd',
  'ip-address': 'i',
  'all-ip-addresses': 'I',
  'all-fqdns': 'A',
  nis: 'y',
  yp: 'y',
  help: 'h',
  version: 'V',
  'file=': 'F',
};

/** What is shown, by option; the last one of the command line counts. */
const SHOWN = 'aAdfiIsy';

/** The program under one of its names, with what it does if no option says so. */
function named(name: string, otherwise: string): Program {
  return tool(
    { name, letters: LETTERS, longs: LONGS, usageStatus: 255, usage: USAGE },
    async (proc, options, operands) => {
      if (options.has('h')) {
        await proc.out(USAGE);
        return 0;
      }
      if (options.has('V')) {
        await proc.out('hostname 3.23\n');
        return 0;
      }
      const what = options.last(...SHOWN) ?? otherwise;
      const file = options.value('F');
      const given = file === undefined ? operands : [nameIn(proc, file)];
      if (operands.length > 1 || (given.length > 0 && what !== 'y' && what !== ''))
        throw new UsageError('');
      if (given[0] !== undefined) return set(proc, given[0], what === 'y');
      await proc.out(await shown(proc, name, what));
      return 0;
    },
  );
}

/** hostname(1). */
export const hostname: Program = named('hostname', '');
/** dnsdomainname(1): hostname -d. */
export const dnsdomainname: Program = named('dnsdomainname', 'd');
/** nisdomainname(1) and ypdomainname(1): hostname -y. */
export const nisdomainname: Program = named('nisdomainname', 'y');
/** domainname(1): the same, but that none is not an error. */
export const domainname: Program = named('domainname', 'y');

/** The first line of a file that is no remark. @throws ToolError */
function nameIn(proc: Process, file: string): string {
  if (!proc.fs.exists(file)) throw new ToolError(strerror('ENOENT'), 1);
  const lines = proc.fs
    .readText(file)
    .split('\n')
    .map((l) => l.trim());
  return lines.find((l) => l !== '' && !l.startsWith('#')) ?? '';
}

function set(proc: Process, name: string, nis: boolean): number {
  if (proc.uid !== 0)
    throw new ToolError(`you must be root to change the ${nis ? 'domain' : 'host'} name`, 1);
  if (nis) {
    proc.machine.domainname = name;
    return 0;
  }
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name) || name.length > 64)
    throw new ToolError('the specified hostname is invalid', 1);
  proc.machine.hostname = name;
  return 0;
}

/** What the name of the machine stands for. @throws ToolError as getaddrinfo(3) says */
async function found(proc: Process) {
  const result = await resolve(proc, proc.machine.hostname);
  if ('error' in result) throw new ToolError(gaiStrerror(result.error), 1);
  return result;
}

/** show_name() of hostname.c. */
async function shown(proc: Process, program: string, what: string): Promise<string> {
  const name = proc.machine.hostname;
  switch (what) {
    case 'a':
      return `${(await found(proc)).aliases.join(' ')}\n`;
    case 'A':
      return `${(await allNames(proc)).join('')}\n`;
    case 'd': {
      const { canonName } = await found(proc);
      const dot = canonName.indexOf('.');
      return dot < 0 ? '' : `${canonName.slice(dot + 1)}\n`;
    }
    case 'f':
      return `${(await found(proc)).canonName}\n`;
    case 'i':
      return `${(await found(proc)).addrs.map((a) => formatInet(a.addr)).join(' ')}\n`;
    case 'I':
      return `${addresses(proc)
        .map((a) => `${formatInet(a)} `)
        .join('')}\n`;
    case 's':
      return `${name.split('.', 1)[0]}\n`;
    case 'y':
      return `${nisName(proc, program)}\n`;
    default:
      return `${name}\n`;
  }
}

function nisName(proc: Process, program: string): string {
  const { domainname } = proc.machine;
  if (domainname === undefined && program !== 'domainname')
    throw new ToolError('Local domain name not set', 1);
  return domainname ?? '(none)';
}

/** The names of all addresses, each with a space behind it. */
async function allNames(proc: Process): Promise<string[]> {
  const names: string[] = [];
  for (const addr of addresses(proc)) {
    const known = await reverse(proc, addr);
    if (known !== undefined) names.push(`${known.name} `);
  }
  return names;
}

/** All addresses of devices that are up, but loopback and link-local ones. */
function addresses(proc: Process): InetAddr[] {
  const up = new Set(
    linkDump(proc.netns)
      .filter((l) => (l.flags & 1) !== 0 && (l.flags & 8) === 0)
      .map((l) => l.ifindex),
  );
  return addrDump(proc.netns)
    .filter((a) => up.has(a.ifindex) && a.scope === 0)
    .map((a) => a.local);
}
