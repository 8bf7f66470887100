import { formatMac } from '@labwire/core/addr';
import { addrDump, neighDump } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import { LibvirtError } from '../../base/index.ts';
import type { Libvirtd } from '../../daemon/index.ts';
import type { Domain } from '../../domain/index.ts';
import type { CommandDef, ParsedCommand } from '../command.ts';
import type { Vsh } from '../vsh.ts';
import { askDomain, domainOption, flag } from './domain-option.ts';

/** An address of an interface. virDomainInterface */
interface Address {
  readonly dev: string;
  readonly mac: string;
  readonly protocol: 'ipv4' | 'ipv6';
  readonly text: string;
}

/** What dnsmasq's lease helper writes of one lease. */
interface LeaseRow {
  readonly 'ip-address': string;
  readonly 'mac-address': string;
}

/** Lengths of prefixes where the bridge has no address to tell. */
const DEFAULT_PREFIX = { ipv4: 24, ipv6: 64 } as const;

const HEADER = ` Name       MAC address          Protocol     Address\n${'-'.repeat(79)}\n`;

const domifaddr: CommandDef = {
  name: 'domifaddr',
  description: "Get network interfaces' addresses for a running domain",
  options: [
    domainOption(),
    { name: 'interface', type: 'string', help: 'network interface name' },
    flag('full', 'always display names and MACs of interfaces'),
    { name: 'source', type: 'string', help: "address source: 'lease', 'agent', or 'arp'" },
  ],
  async run(vsh, cmd) {
    const source = cmd.value('source') ?? 'lease';
    if (!['lease', 'agent', 'arp'].includes(source)) {
      await vsh.error(`Unknown data source '${source}'`);
      return false;
    }
    const rows = await vsh.explain(
      'Failed to query for interfaces addresses',
      askDomain(vsh, cmd, (domain, daemon) => addressesOf(domain, daemon, source)),
    );
    await print(vsh, cmd, rows);
    return true;
  },
};

async function print(vsh: Vsh, cmd: ParsedCommand, all: readonly Address[]): Promise<void> {
  const only = cmd.value('interface');
  const rows = all.filter((row) => only === undefined || row.dev === only);
  await vsh.printExtra(HEADER);
  let last = '';
  for (const row of rows) {
    const again = row.dev === last && !cmd.has('full');
    last = row.dev;
    const [dev, mac] = again ? ['-', '-'] : [row.dev, row.mac];
    const address = `${row.protocol.padEnd(12)} ${row.text}`;
    await vsh.print(` ${dev.padEnd(10)} ${mac.padEnd(17)}    ${address}\n`);
  }
}

function addressesOf(domain: Domain, daemon: Libvirtd, source: string): Address[] {
  daemon.domains.running(domain);
  if (source === 'agent') throw noAgent(domain);
  const nodes = domain.def.all('interface');
  return nodes.flatMap((node) => {
    const dev = node.child('target')?.attr('dev') ?? '';
    const mac = node.child('mac')?.attr('address') ?? '';
    if (source === 'arp') return neighbours(daemon, dev, mac);
    const network = node.child('source')?.attr('network');
    return network === undefined ? [] : leases(daemon, network, dev, mac);
  });
}

/** Guests run no agent. */
function noAgent(domain: Domain): LibvirtError {
  const channel = domain.def
    .all('channel')
    .some((c) => c.child('target')?.attr('name') === 'org.qemu.guest_agent.0');
  return channel
    ? new LibvirtError('agent-unresponsive', 'QEMU guest agent is not connected')
    : new LibvirtError('argument-unsupported', 'QEMU guest agent is not configured');
}

/** qemuGetDHCPInterfaces() */
function leases(daemon: Libvirtd, network: string, dev: string, mac: string): Address[] {
  const def = daemon.networks.list.find(network)?.def;
  const path = `/var/lib/libvirt/dnsmasq/${def?.bridge}.status`;
  const { fs } = daemon.proc;
  if (!fs.exists(path)) return [];
  const text = fs.readText(path).trim();
  const rows = (text === '' ? [] : JSON.parse(text)) as readonly LeaseRow[];
  return rows
    .filter((row) => row['mac-address'] === mac)
    .map((row) => {
      const address = row['ip-address'];
      const protocol = address.includes(':') ? 'ipv6' : 'ipv4';
      const prefix = prefixOf(daemon, def?.bridge ?? '', protocol);
      return { dev, mac, protocol, text: `${address}/${prefix}` };
    });
}

function prefixOf(daemon: Libvirtd, bridge: string, protocol: 'ipv4' | 'ipv6'): number {
  const { netns } = daemon.proc;
  const family = protocol === 'ipv4' ? 'inet' : 'inet6';
  const ifindex = netns.devices.byName(bridge)?.ifindex;
  const own = addrDump(netns, family).find((a) => a.ifindex === ifindex);
  return own?.prefixLen ?? DEFAULT_PREFIX[protocol];
}

/** qemuARPGetInterfaces(): what the host has learnt of its neighbours. */
function neighbours(daemon: Libvirtd, dev: string, mac: string): Address[] {
  return neighDump(daemon.proc.netns)
    .filter((n) => n.lladdr !== undefined && formatMac(n.lladdr) === mac)
    .map((n) => ({
      dev,
      mac,
      protocol: n.family === 'inet' ? ('ipv4' as const) : ('ipv6' as const),
      text: `${formatInet(n.dst)}/0`,
    }));
}

/** rx is what the guest receives: the tap's view the other way round, macvtap's as it is. */
const STATS = ['bytes', 'packets', 'errs', 'drop'] as const;

const domifstat: CommandDef = {
  name: 'domifstat',
  description: 'Get network interface stats for a running domain.',
  options: [
    domainOption(),
    { name: 'interface', type: 'data', help: 'interface device specified by name or MAC Address' },
  ],
  async run(vsh, cmd) {
    const word = cmd.value('interface') ?? '';
    const name = cmd.value('domain') ?? '';
    const lines = await vsh.explain(
      `Failed to get interface stats ${name} ${word}`,
      askDomain(vsh, cmd, (domain, daemon) => statsOf(domain, daemon, word)),
    );
    for (const [key, value] of lines) await vsh.print(`${word} ${key} ${value}\n`);
    return true;
  },
};

function statsOf(domain: Domain, daemon: Libvirtd, word: string): (readonly [string, number])[] {
  daemon.domains.running(domain);
  const node = domain.def
    .all('interface')
    .find(
      (n) => n.child('target')?.attr('dev') === word || n.child('mac')?.attr('address') === word,
    );
  const dev = node?.child('target')?.attr('dev');
  const stats = dev === undefined ? undefined : daemon.proc.netns.devices.byName(dev)?.stats;
  if (node === undefined || stats === undefined)
    throw new LibvirtError('invalid-arg', `'${word}' is not a known interface`);
  const rx = [stats.rxBytes, stats.rxPackets, stats.rxErrors, stats.rxDropped];
  const tx = [stats.txBytes, stats.txPackets, stats.txErrors, stats.txDropped];
  const [guestRx, guestTx] = dev?.startsWith('macvtap') === true ? [rx, tx] : [tx, rx];
  return [
    ...STATS.map((s, i) => [`rx_${s}`, guestRx[i] ?? 0] as const),
    ...STATS.map((s, i) => [`tx_${s}`, guestTx[i] ?? 0] as const),
  ];
}

/** Commands about addresses and counters of a domain's interfaces. */
export const addressCommands: readonly CommandDef[] = [domifaddr, domifstat];
