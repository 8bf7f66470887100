import { type Ipv4Addr, MAC_ZERO } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import { sameRemote, type Vxlan, type VxlanEntry, type VxlanRemote } from '../link/vxlan/index.ts';
import type { FdbRequest, NewFlags } from './requests.ts';
import type { FdbInfo } from './types.ts';

/** What a VXLAN device knows, one row for each end. `vxlan_fdb_dump()` */
export function vxlanEntries(dev: Vxlan): FdbInfo[] {
  return dev.fdb.entries().flatMap((e) => e.remotes.map((r) => infoOf(dev, e, r)));
}

function infoOf(dev: Vxlan, e: VxlanEntry, r: VxlanRemote): FdbInfo {
  const { now } = dev.underlay.sim;
  return {
    lladdr: e.addr,
    ifindex: dev.ifindex,
    masterIfindex: undefined,
    vlan: 0,
    self: true,
    master: false,
    state: e.state,
    extern: false,
    dst: r.ip === 0 ? undefined : (r.ip as Ipv4Addr),
    ...(r.port === 0 || r.port === dev.config.port ? {} : { port: r.port }),
    ...(r.vni < 0 || r.vni === dev.vni ? {} : { vni: r.vni }),
    ...(r.ifindex === 0 ? {} : { viaIfindex: r.ifindex }),
    offload: false,
    sticky: false,
    used: Math.floor((now - e.used) / SEC),
    updated: Math.floor((now - e.updated) / SEC),
  };
}

/** `vxlan_fdb_parse()` */
function remoteOf(dev: Vxlan, request: FdbRequest): VxlanRemote {
  const { dst, port = dev.config.port, vni = dev.vni, via = 0 } = request;
  if (dst !== undefined && typeof dst !== 'number')
    throw new KernelError('EAFNOSUPPORT', "Labwire's vxlan has no IPv6 addresses");
  if (via !== 0 && dev.underlay.devices.byIndex(via) === undefined)
    throw new KernelError('EADDRNOTAVAIL');
  return { ip: dst ?? 0, port, vni, ifindex: via };
}

/** `vxlan_fdb_add()` @throws {@link KernelError} EINVAL, ENOENT, EEXIST, EOPNOTSUPP */
export function vxlanFdbAdd(dev: Vxlan, request: FdbRequest, flags: NewFlags): void {
  const { lladdr, state = 'permanent' } = request;
  if (request.vlan !== undefined) throw new KernelError('EINVAL');
  if (request.dst === undefined)
    throw new KernelError('EINVAL', 'vxlan: Missing required FDB attribute');
  const remote = remoteOf(dev, request);
  const known = dev.fdb.findMac(lladdr);
  if (known === null) {
    if (flags.create !== true) throw new KernelError('ENOENT');
    dev.fdb.add(lladdr, state === 'dynamic' ? 'reachable' : state, remote);
    return;
  }
  if (flags.excl === true) throw new KernelError('EEXIST');
  known.state = state === 'dynamic' ? 'reachable' : state;
  known.updated = dev.underlay.sim.now;
  const toMany = lladdr === MAC_ZERO || (Math.floor(lladdr / 0x100_0000_0000) & 1) === 1;
  if (flags.replace === true) {
    if (toMany) throw new KernelError('EOPNOTSUPP');
    known.remotes = [remote];
  } else if (flags.append === true) {
    if (!toMany) throw new KernelError('EOPNOTSUPP');
    if (!known.remotes.some((r) => sameRemote(r, remote)))
      known.remotes = [...known.remotes, remote];
  }
}

/** Takes out one end, or without `dst` all of an address. `vxlan_fdb_delete()` @throws {@link KernelError} ENOENT */
export function vxlanFdbDel(dev: Vxlan, request: FdbRequest): void {
  const entry = dev.fdb.findMac(request.lladdr);
  if (entry === null) throw new KernelError('ENOENT');
  if (request.dst === undefined) {
    dev.fdb.delete(entry);
    return;
  }
  const remote = remoteOf(dev, request);
  const rest = entry.remotes.filter((r) => !sameRemote(r, remote));
  if (rest.length === entry.remotes.length) throw new KernelError('ENOENT');
  if (rest.length === 0) dev.fdb.delete(entry);
  else entry.remotes = rest;
}
