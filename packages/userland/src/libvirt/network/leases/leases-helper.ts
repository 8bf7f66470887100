import type { Process, Program } from '../../../machine/index.ts';
import { LIBVIRT_VERSION } from '../../base/index.ts';
import { statusFileOf } from '../dnsmasq/index.ts';
import { formatLeases, type Lease, readLeases } from './lease-file.ts';

const ACTIONS: readonly string[] = ['add', 'old', 'del', 'init'];
/** How many words the command line has, the program's name among them. */
const WORD_COUNTS: readonly number[] = [2, 4, 5];

/** libvirt_leaseshelper: dnsmasq's --dhcp-script, which keeps the leases of a bridge. libvirt src/network/leaseshelper.c */
export const leasesHelper: Program = async (proc) => {
  const [self = '', action = ''] = proc.argv;
  if (action === '--help') {
    await proc.out(
      `Usage: ${self} add|old|del|init mac|clientid ip [hostname]\nDesigned for use with 'dnsmasq --dhcp-script'\nRefer to man page of dnsmasq for more details'\n`,
    );
    return 0;
  }
  if (action === '--version') {
    await proc.out(`${self} (libvirt) ${LIBVIRT_VERSION}\n`);
    return 0;
  }
  if (!WORD_COUNTS.includes(proc.argv.length))
    return fail(proc, `${self}: try --help for more details`);
  const bridge = proc.env.get('DNSMASQ_INTERFACE') ?? proc.env.get('VIR_BRIDGE_NAME');
  if (bridge === undefined) return fail(proc, 'interface not set');
  if (!ACTIONS.includes(action)) return fail(proc, `Unsupported action: ${action}`);
  return act(proc, action, statusFileOf(bridge));
};

async function fail(proc: Process, text: string): Promise<number> {
  await proc.err(`${text}\n`);
  return 1;
}

async function act(proc: Process, action: string, path: string): Promise<number> {
  if (!proc.fs.exists(path)) proc.fs.writeFile(path, '');
  const leases = readLeases(proc.fs, path);
  if (leases === undefined)
    return fail(proc, `internal error: Malformed lease_entry in file: ${path}`);
  if (action === 'init') {
    await proc.out(knownLeases(leases));
    return 0;
  }
  const lease = action === 'del' ? undefined : newLease(proc);
  // A guest that dnsmasq knows no MAC of is not kept: virLeaseNew()
  if (action !== 'del' && lease === undefined) {
    proc.fs.writeFile(path, formatLeases(leases));
    return 0;
  }
  const ip = proc.argv[3];
  const others = leases.filter((l) => l['ip-address'] !== ip);
  proc.fs.writeFile(path, formatLeases(lease === undefined ? others : [...others, lease]));
  return 0;
}

/** virLeaseNew() @returns undefined without a MAC */
function newLease(proc: Process): Lease | undefined {
  const env = (name: string) => proc.env.get(`DNSMASQ_${name}`);
  const [, , identity, ip, name] = proc.argv;
  const iaid = env('IAID');
  const mac = iaid === undefined ? identity : env('MAC');
  if (mac === undefined) return undefined;
  const optional = {
    iaid,
    'ip-address': ip,
    'mac-address': mac,
    hostname: name ?? env('SUPPLIED_HOSTNAME'),
    'client-id': iaid === undefined ? env('CLIENT_ID') : identity,
    'server-duid': env('SERVER_DUID'),
    'expiry-time': Number.parseInt(env('LEASE_EXPIRES') ?? '', 10) || 0,
  };
  return Object.fromEntries(Object.entries(optional).filter(([, v]) => v !== undefined));
}

/** What dnsmasq is told of at its start: IPv4 leases, the server's identity, IPv6 leases. virLeasePrintLeases() */
function knownLeases(leases: readonly Lease[]): string {
  const isIpv6 = (l: Lease) => l['ip-address']?.includes(':') === true;
  const line = (l: Lease) =>
    `${[
      l['expiry-time'] ?? 0,
      isIpv6(l) ? l.iaid : l['mac-address'],
      l['ip-address'],
      l.hostname ?? '*',
      l['client-id'] ?? '*',
    ].join(' ')}\n`;
  const v6 = leases.filter(isIpv6);
  const duid = v6.find((l) => l['server-duid'] !== undefined)?.['server-duid'];
  const identity = duid === undefined ? '' : `duid ${duid}\n`;
  return [...leases.filter((l) => !isIpv6(l)).map(line), identity, ...v6.map(line)].join('');
}
