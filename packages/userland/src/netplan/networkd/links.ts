import { parseMac } from '@labwire/core/addr';
import { IFF_UP, type NetDevice } from '@labwire/devices/link';
import { linkAdd, linkSet } from '@labwire/devices/rtnetlink';
import type { Process } from '../../machine/index.ts';
import { BOND_MODES, flushDevice, linkByName } from '../../network-config/index.ts';
import type { NetDef, NetplanConfig, Settings } from '../config/index.ts';

/** Hundredths of a second in one. USER_HZ */
const USER_HZ = 100;
/** IN6_ADDR_GEN_MODE_EUI64, IN6_ADDR_GEN_MODE_NONE */
const EUI64 = 0;
const NO_ADDRESS = 1;

/** The devices that a definition is about. */
export function devicesOf(proc: Process, def: NetDef): NetDevice[] {
  const { macaddress, name } = def.map('match');
  if (macaddress === undefined && name === undefined) {
    const own = linkByName(proc, def.id);
    return own === undefined ? [] : [own];
  }
  const mac = macaddress === undefined ? undefined : parseMac(String(macaddress));
  const glob = name === undefined ? undefined : globRegExp(String(name));
  return proc.netns.devices
    .list()
    .filter(
      (dev) =>
        (mac === undefined || (dev.permAddr ?? dev.addr) === mac) &&
        (glob === undefined || glob.test(dev.name) || dev.name === def.text('set-name')) &&
        dev.linkType !== 'vlan',
    );
}

function globRegExp(glob: string): RegExp {
  const text = glob.replace(/[.+^${}()|\\]/g, '\\$&');
  return new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

/** Renames what `set-name` is said of. @throws KernelError */
export function renameLinks(proc: Process, config: NetplanConfig): void {
  for (const def of config.defs.values()) {
    const name = def.text('set-name');
    const [dev, more] = name === undefined ? [] : devicesOf(proc, def);
    if (name === undefined || dev === undefined || more !== undefined || dev.name === name)
      continue;
    linkSet(proc.netns, dev.ifindex, { clearFlags: IFF_UP });
    linkSet(proc.netns, dev.ifindex, { name });
  }
}

/** Makes the device of a definition if there is none yet. @throws KernelError */
export function makeLink(proc: Process, def: NetDef): void {
  const { netns } = proc;
  const p = def.map('parameters');
  const name = def.id;
  if (def.kind === 'ethernets') return;
  if (linkByName(proc, name) === undefined) {
    if (def.kind === 'bridges') linkAdd(netns, { kind: 'bridge', name });
    if (def.kind === 'bonds') linkAdd(netns, { kind: 'bond', name, infoData: bondData(p) });
    if (def.kind === 'vlans') {
      const parent = linkByName(proc, def.text('link') ?? '');
      if (parent === undefined) return;
      linkSet(netns, parent.ifindex, { setFlags: IFF_UP });
      linkAdd(netns, {
        kind: 'vlan',
        name,
        link: parent.ifindex,
        infoData: { id: def.number('id') },
      });
    }
  }
  const dev = linkByName(proc, name);
  if (dev !== undefined && def.kind === 'bridges')
    linkSet(netns, dev.ifindex, { infoData: bridgeData(p) });
}

function seconds(value: unknown): number {
  return Number(String(value).replace(/s$/, ''));
}

function bridgeData(p: Settings): Record<string, number> {
  const data: Record<string, number> = {};
  const time = (key: string, attribute: string) => {
    if (p[key] !== undefined) data[attribute] = Math.round(seconds(p[key]) * USER_HZ);
  };
  time('ageing-time', 'ageing_time');
  time('aging-time', 'ageing_time');
  time('forward-delay', 'forward_delay');
  time('hello-time', 'hello_time');
  time('max-age', 'max_age');
  if (typeof p.priority === 'number') data.priority = p.priority;
  if (p.stp !== undefined) data.stp_state = p.stp === true ? 1 : 0;
  return data;
}

function bondData(p: Settings): Record<string, number> {
  const data: Record<string, number> = {};
  if (p.mode !== undefined) data.mode = BOND_MODES.indexOf(String(p.mode));
  const time = (key: string, attribute: string) => {
    if (p[key] !== undefined) data[attribute] = Number(String(p[key]).replace(/ms$/, ''));
  };
  time('mii-monitor-interval', 'miimon');
  time('up-delay', 'updelay');
  time('down-delay', 'downdelay');
  return data;
}

/** Makes a device what its definition says, but for its addresses: MAC, MTU, master, up. @throws KernelError */
export function configureLink(
  proc: Process,
  dev: NetDevice,
  def: NetDef,
  master: NetDevice | undefined,
): void {
  const { netns } = proc;
  const { ifindex } = dev;
  const mac = parseMac(def.text('macaddress') ?? '');
  const mtu = def.number('mtu');
  flushDevice(proc, dev, master === undefined ? ['inet'] : ['inet', 'inet6']);
  if (mac !== undefined && mac !== dev.addr) linkSet(netns, ifindex, { addr: mac });
  if (mtu !== undefined) linkSet(netns, ifindex, { mtu });
  linkSet(netns, ifindex, { addrGenMode: master === undefined ? EUI64 : NO_ADDRESS });
  if (dev.master?.ifindex !== master?.ifindex) {
    if (master?.linkType === 'bond') linkSet(netns, ifindex, { clearFlags: IFF_UP });
    linkSet(netns, ifindex, { master: master?.ifindex ?? 0 });
  }
  linkSet(netns, ifindex, { setFlags: IFF_UP });
}
