import { formatMac } from '@labwire/core/addr';
import { Bridge, type FdbEntry } from '@labwire/devices/bridge';
import { type BridgeId, type LinkInfo, linkDump } from '@labwire/devices/rtnetlink';
import type { Process } from '../machine/index.ts';
import { linkOf } from './change.ts';

const HEADER = 'bridge name\tbridge id\t\tSTP enabled\tinterfaces\n';
const MACS_HEADER = 'port no\tmac addr\t\tis local?\tageing timer\n';
/** A port's line under its bridge's. */
const PORT_INDENT = '\t'.repeat(7);
/** Nanos in the hundredth of a second that times are shown in. */
const USER_TICK = 10_000_000;

const PORT_STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

type Data = Readonly<Record<string, unknown>>;

function byName(a: LinkInfo, b: LinkInfo): number {
  return a.name < b.name ? -1 : 1;
}

function portsOf(links: readonly LinkInfo[], bridge: LinkInfo): LinkInfo[] {
  return links.filter((l) => l.masterIfindex === bridge.ifindex).sort(byName);
}

function idText(id: unknown): string {
  const { prio, addr } = id as BridgeId;
  return `${hex4(prio)}.${formatMac(addr).replaceAll(':', '')}`;
}

function hex4(n: unknown): string {
  return Number(n).toString(16).padStart(4, '0');
}

/** Hundredths of a second as seconds. `br_show_timer()` */
function timer(ticks: unknown): string {
  const n = Number(ticks);
  return `${String(Math.floor(n / 100)).padStart(4)}.${String(n % 100).padStart(2, '0')}`;
}

function pad4(n: unknown): string {
  return String(Number(n)).padStart(4);
}

function bridgeLine(links: readonly LinkInfo[], bridge: LinkInfo): string {
  const { bridge_id: id, stp_state: stp } = bridge.infoData as Data;
  const ports = portsOf(links, bridge).map((l) => l.name);
  const head = `${bridge.name}\t\t${idText(id)}\t${stp === 0 ? 'no' : 'yes'}\t\t`;
  return `${head}${ports.join(`\n${PORT_INDENT}`)}\n`;
}

/** `brctl show`: the header comes with the first bridge. */
export async function show(proc: Process, names: readonly string[]): Promise<number> {
  const links = linkDump(proc.netns);
  const bridges = links.filter((l) => l.kind === 'bridge').sort(byName);
  let status = 0;
  let header = HEADER;
  for (const name of names.length > 0 ? names : bridges.map((b) => b.name)) {
    const bridge = await bridgeToShow(proc, name);
    if (bridge === undefined) {
      status = 1;
      continue;
    }
    await proc.out(header + bridgeLine(links, bridge));
    header = '';
  }
  return status;
}

async function bridgeToShow(proc: Process, name: string): Promise<LinkInfo | undefined> {
  const link = linkOf(proc, name);
  if (link?.kind === 'bridge') return link;
  await proc.err(
    link === undefined ? `bridge ${name} does not exist!\n` : `device ${name} is not a bridge!\n`,
  );
  return undefined;
}

/** `brctl showmacs`: the forwarding database by address. /sys/class/net/BRIDGE/brforward */
export async function showMacs(proc: Process, [name = '']: readonly string[]): Promise<number> {
  const link = linkOf(proc, name);
  const dev = link === undefined ? undefined : proc.netns.devices.byIndex(link.ifindex);
  if (!(dev instanceof Bridge)) {
    const why = link === undefined ? 'No such device' : 'Operation not supported';
    await proc.err(`read of forward table failed: ${why}\n`);
    return 1;
  }
  // Addresses of the bridge itself, which are behind no port, are not in the table that it reads.
  const entries = dev.fdb.entries().filter((e) => e.dst !== null);
  const lines = entries.sort((a, b) => a.addr - b.addr).map((e) => macLine(dev, e));
  await proc.out(MACS_HEADER + lines.join(''));
  return 0;
}

function macLine(bridge: Bridge, { addr, dst, isLocal, isStatic, updated }: FdbEntry): string {
  const age = isStatic ? 0 : Math.floor((bridge.clock.now - updated) / USER_TICK);
  const local = isLocal ? 'yes' : 'no';
  return `${String(dst?.no).padStart(3)}\t${formatMac(addr)}\t${local}\t\t${timer(age)}\n`;
}

/** `brctl showstp` */
export async function showStp(proc: Process, [name = '']: readonly string[]): Promise<number> {
  const bridge = await bridgeToShow(proc, name);
  if (bridge === undefined) return 1;
  const ports = portsOf(linkDump(proc.netns), bridge);
  await proc.out(stpOfBridge(bridge) + ports.map(stpOfPort).join(''));
  return 0;
}

function flags(of: Data, names: readonly (readonly [attr: string, shown: string])[]): string {
  return names.map(([attr, shown]) => (Number(of[attr]) === 0 ? '' : `${shown} `)).join('');
}

function stpOfBridge({ name, infoData }: LinkInfo): string {
  const d = infoData as Data;
  const change = flags(d, [
    ['topology_change', 'TOPOLOGY_CHANGE'],
    ['topology_change_detected', 'TOPOLOGY_CHANGE_DETECTED'],
  ]);
  // The bridge's own times are not told apart from those in force: sysfs has one file for both.
  return `${[
    name,
    ` bridge id\t\t${idText(d.bridge_id)}`,
    ` designated root\t${idText(d.root_id)}`,
    ` root port\t\t${pad4(d.root_port)}\t\t\tpath cost\t\t${pad4(d.root_path_cost)}`,
    ` max age\t\t${timer(d.max_age)}\t\t\tbridge max age\t\t${timer(d.max_age)}`,
    ` hello time\t\t${timer(d.hello_time)}\t\t\tbridge hello time\t${timer(d.hello_time)}`,
    ` forward delay\t\t${timer(d.forward_delay)}\t\t\tbridge forward delay\t${timer(d.forward_delay)}`,
    ` ageing time\t\t${timer(d.ageing_time)}`,
    ` hello timer\t\t${timer(d.hello_timer)}\t\t\ttcn timer\t\t${timer(d.tcn_timer)}`,
    ` topology change timer\t${timer(d.topology_change_timer)}\t\t\tgc timer\t\t${timer(d.gc_timer)}`,
    ` flags\t\t\t${change}`,
  ].join('\n')}\n\n\n`;
}

function stpOfPort({ name, slaveData }: LinkInfo): string {
  const d = slaveData as Data;
  const pending = flags(d, [
    ['config_pending', 'CONFIG_PENDING'],
    ['topology_change_ack', 'TOPOLOGY_CHANGE_ACK'],
  ]);
  const state = (PORT_STATES[Number(d.state)] ?? '<INVALID STATE>').padStart(15);
  return `${[
    `${name} (${d.no})`,
    ` port id\t\t${hex4(d.id)}\t\t\tstate\t\t${state}`,
    ` designated root\t${idText(d.root_id)}\tpath cost\t\t${pad4(d.cost)}`,
    ` designated bridge\t${idText(d.bridge_id)}\tmessage age timer\t${timer(d.message_age_timer)}`,
    ` designated port\t${hex4(d.designated_port)}\t\t\tforward delay timer\t${timer(d.forward_delay_timer)}`,
    ` designated cost\t${pad4(d.designated_cost)}\t\t\thold timer\t\t${timer(d.hold_timer)}`,
    ` flags\t\t\t${pending}`,
    ...(Number(d.mode) === 0 ? [] : [` hairpin mode\t\t${pad4(d.mode)}`]),
  ].join('\n')}\n\n`;
}
