import { parseMac } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import { IFF_UP } from '@labwire/devices/link';
import { linkAdd, linkDel, linkDump, linkSet } from '@labwire/devices/rtnetlink';
import { exec, type Process } from '../machine/index.ts';
import { linkOf } from './change.ts';

/** What `all` stands for: devices that are NICs by their names. */
const NIC_NAMES = /^(eth.*|em.*|en.*|p[0-9].*)$/;
const TENTH = SEC / 10;
/** BR_STATE_DISABLED, and the states in which a port stays: BR_STATE_FORWARDING, BR_STATE_BLOCKING */
const DISABLED = 0;
const SETTLED = [3, 4];

/** Settings by brctl, in the order in which they are made. */
const SETTINGS: readonly (readonly [variable: string, command: string])[] = [
  ['IF_BRIDGE_AGEING', 'setageing'],
  ['IF_BRIDGE_BRIDGEPRIO', 'setbridgeprio'],
  ['IF_BRIDGE_HELLO', 'sethello'],
  ['IF_BRIDGE_MAXAGE', 'setmaxage'],
  ['IF_BRIDGE_PATHCOST', 'setpathcost'],
  ['IF_BRIDGE_PORTPRIO', 'setportprio'],
  ['IF_BRIDGE_STP', 'stp'],
  ['IF_BRIDGE_FD', 'setfd'],
];

/** The hook by which ifupdown makes bridges: /lib/bridge-utils/ifupdown.sh, bridge-utils-interfaces(5). */
export async function bridgeHook(proc: Process): Promise<number> {
  const spec = proc.env.get('IF_BRIDGE_PORTS') ?? '';
  const iface = proc.env.get('IFACE') ?? '';
  if (spec === '' || iface === '') return 0;
  const ports = portsOf(proc, spec);
  if (proc.env.get('MODE') === 'start') return start(proc, iface, ports);
  if (proc.env.get('PHASE') === 'post-down') stop(proc, iface, ports);
  return 0;
}

function portsOf(proc: Process, spec: string): string[] {
  const words = spec.split(/\s+/).filter((w) => w !== '' && w !== 'none');
  const names = linkDump(proc.netns).map((l) => l.name);
  let regex = false;
  return words.flatMap((word) => {
    if (word === 'all') return names.filter((n) => NIC_NAMES.test(n));
    if (word === 'regex' || word === 'noregex') {
      regex = word === 'regex';
      return [];
    }
    return regex ? names.filter((n) => new RegExp(`^${word}$`).test(n)) : [word];
  });
}

async function start(proc: Process, iface: string, ports: readonly string[]): Promise<number> {
  if (linkOf(proc, iface) === undefined) makeBridge(proc, iface);
  const bridge = linkOf(proc, iface);
  if (bridge === undefined) return 1;
  for (const name of ports) await addPort(proc, bridge.ifindex, name);
  for (const [variable, command] of SETTINGS) {
    const value = proc.env.get(variable);
    if (value !== undefined) await brctl(proc, [command, iface, ...value.split(/\s+/)]);
  }
  linkSet(proc.netns, bridge.ifindex, { setFlags: IFF_UP });
  await ready(proc, iface);
  return 0;
}

function makeBridge(proc: Process, iface: string): void {
  const filtering = proc.env.get('IF_BRIDGE_VLAN_AWARE') === 'yes' ? 1 : 0;
  linkAdd(proc.netns, { kind: 'bridge', name: iface });
  const made = linkOf(proc, iface);
  if (made !== undefined && filtering === 1)
    linkSet(proc.netns, made.ifindex, { infoData: { vlan_filtering: filtering } });
  const hw = proc.env.get('IF_BRIDGE_HW');
  const from = hw === undefined ? undefined : linkOf(proc, hw)?.addr;
  const addr = from ?? (hw === undefined ? undefined : parseMac(hw));
  if (made !== undefined && addr !== undefined) linkSet(proc.netns, made.ifindex, { addr });
}

async function addPort(proc: Process, master: number, name: string): Promise<void> {
  if (linkOf(proc, name) === undefined) makeVlan(proc, name);
  const port = linkOf(proc, name);
  if (port === undefined || port.masterIfindex === master) return;
  try {
    linkSet(proc.netns, port.ifindex, { addrGenMode: 1 });
    linkSet(proc.netns, port.ifindex, { master });
    linkSet(proc.netns, port.ifindex, { setFlags: IFF_UP });
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await proc.err(`can't add ${name} to bridge ${proc.env.get('IFACE')}: ${e.message}\n`);
  }
}

/** A port that is a VLAN of a device that is there is made. */
function makeVlan(proc: Process, name: string): void {
  const found = /^(.+)\.0*(\d+)$/.exec(name);
  const parent = found === null ? undefined : linkOf(proc, found[1] as string);
  if (found === null || parent === undefined) return;
  linkSet(proc.netns, parent.ifindex, { setFlags: IFF_UP });
  linkAdd(proc.netns, {
    kind: 'vlan',
    name,
    link: parent.ifindex,
    infoData: { id: Number(found[2]) },
  });
}

async function brctl(proc: Process, words: readonly string[]): Promise<void> {
  const argv = ['brctl', ...words];
  await proc.waitFor(proc.spawn(argv, (p) => exec(p, '/usr/sbin/brctl', argv)));
}

/** Waits until no port listens or learns any more. */
async function ready(proc: Process, iface: string): Promise<void> {
  const said = proc.env.get('IF_BRIDGE_MAXWAIT');
  const bridge = linkOf(proc, iface);
  const delay = Number(bridge?.infoData?.forward_delay ?? 1500) / 100;
  const seconds = said === undefined ? 2 * (Math.floor(delay) + 1) : Number(said);
  if (!(seconds > 0)) return;
  let seen = false;
  await proc.sleep(TENTH);
  for (let n = 0; n < seconds * 10; n++) {
    await proc.sleep(TENTH);
    const ports = linkDump(proc.netns).filter((l) => l.masterIfindex === bridge?.ifindex);
    const states = ports.map((p) => Number(p.slaveData?.state));
    seen ||= states.some((state) => state !== DISABLED);
    const settled = (state: number) => SETTLED.includes(state) || (seen && state === DISABLED);
    if (states.every(settled)) return;
    if (n === 1)
      await proc.out(`\nWaiting for ${iface} to get ready (MAXWAIT is ${seconds} seconds).\n`);
  }
}

function stop(proc: Process, iface: string, ports: readonly string[]): void {
  const { netns } = proc;
  const bridge = linkOf(proc, iface);
  if (bridge === undefined) return;
  linkSet(netns, bridge.ifindex, { clearFlags: IFF_UP });
  for (const name of ports) {
    const port = linkOf(proc, name);
    if (port?.masterIfindex !== bridge.ifindex) continue;
    linkSet(netns, port.ifindex, { clearFlags: IFF_UP });
    linkSet(netns, port.ifindex, { master: 0 });
    if (/\.\d+$/.test(name) && port.kind === 'vlan') linkDel(netns, port.ifindex);
  }
  linkDel(netns, bridge.ifindex);
}
