import { KernelError } from '@labwire/core/error';
import { RTPROT_KERNEL } from '../../../fib/index.ts';
import { allocName, type NetDevice, Vrf } from '../../../link/index.ts';
import type { Netns } from '../../../netns/netns.ts';
import { ruleAdd } from '../../rule.ts';
import { type LinkPlan, newSingle } from './new-link.ts';

/** VRF_FIB_RULE_PREF */
const RULE_PRIORITY = 1000;

/** The first VRF of a namespace brings the rule that leads to the tables of all. `vrf_add_fib_rules()` */
function addRules(netns: Netns): void {
  if (netns.ipv4.fib.l3 !== null) return;
  netns.ipv4.fib.l3 = netns.devices;
  netns.ipv6.fib.l3 = netns.devices;
  const rule = { priority: RULE_PRIORITY, l3mdev: true, protocol: RTPROT_KERNEL };
  for (const family of ['inet', 'inet6'] as const) ruleAdd(netns, { family, ...rule });
}

/** `vrf_newlink()` @throws {@link KernelError} EINVAL, EBUSY */
export function newVrf(plan: LinkPlan): NetDevice {
  const { netns, pattern, request } = plan;
  const asked = request.infoData?.table;
  if (asked === undefined) throw new KernelError('EINVAL', 'VRF table id is missing');
  const table = Number(asked);
  if (table === 0) throw new KernelError('EINVAL', 'Invalid VRF table id');
  if (netns.vrfStrictMode !== 0 && hasTable(netns, table))
    throw new KernelError('EBUSY', 'Table is used by another VRF');
  const vrf = newSingle(plan, (addr) => new Vrf(allocName(netns, pattern), addr, table));
  addRules(netns);
  return vrf;
}

function hasTable(netns: Netns, table: number): boolean {
  return netns.devices.list().some((dev) => dev instanceof Vrf && dev.table === table);
}
