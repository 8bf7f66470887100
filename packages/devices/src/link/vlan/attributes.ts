import { isMulticastMac, MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { ETH_P_8021AD, ETH_P_8021Q } from '@labwire/core/wire';
import {
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
} from './flags.ts';
import type { QosMapping } from './qos.ts';
import type { Vlan } from './vlan.ts';

/** IFLA_VLAN_* by name in lower case. */
export type VlanData = Readonly<Record<string, unknown>>;

/** The VLAN numbers end before this one. VLAN_VID_MASK */
const VID_MAX = 0xfff;
const UNSUPPORTED: readonly (readonly [flag: number, name: string])[] = [
  [VLAN_FLAG_GVRP, 'gvrp'],
  [VLAN_FLAG_MVRP, 'mvrp'],
  [VLAN_FLAG_BRIDGE_BINDING, 'bridge_binding'],
];
const FLAGS = VLAN_FLAG_REORDER_HDR | VLAN_FLAG_LOOSE_BINDING;

/** Refuses what no VLAN device takes. `vlan_validate()` @throws {@link KernelError} with the kernel's words */
export function validateVlan(addr: MacAddr | undefined, data: VlanData | undefined): void {
  if (addr !== undefined && (addr === MAC_ZERO || isMulticastMac(addr)))
    throw new KernelError('EADDRNOTAVAIL', '8021q: Invalid link address');
  if (data === undefined) throw new KernelError('EINVAL', '8021q: VLAN properties not specified');
  const protocol = Number(data.protocol ?? ETH_P_8021Q);
  if (protocol !== ETH_P_8021Q && protocol !== ETH_P_8021AD)
    throw new KernelError('EPROTONOSUPPORT', '8021q: Invalid VLAN protocol');
  if (data.id !== undefined && Number(data.id) >= VID_MAX)
    throw new KernelError('ERANGE', '8021q: Invalid VLAN id');
  const { mask = 0 } = (data.flags ?? {}) as { mask?: number };
  for (const [flag, name] of UNSUPPORTED)
    if ((mask & flag) !== 0 && ((data.flags as { flags: number }).flags & flag) !== 0)
      throw new KernelError('EOPNOTSUPP', `Labwire's VLAN devices have no ${name}`);
}

/** Changes a VLAN device; its number and protocol stay. `vlan_changelink()` */
export function changeVlan(vlan: Vlan, data: VlanData): void {
  validateVlan(undefined, data);
  const change = data.flags as { flags: number; mask: number } | undefined;
  if (change !== undefined) {
    const mask = change.mask & FLAGS;
    vlan.vlanFlags = (vlan.vlanFlags & ~mask) | (change.flags & mask);
  }
  for (const mapping of (data.ingress_qos ?? []) as readonly QosMapping[])
    vlan.qos.setIngress(mapping);
  for (const mapping of (data.egress_qos ?? []) as readonly QosMapping[])
    vlan.qos.setEgress(mapping);
}
