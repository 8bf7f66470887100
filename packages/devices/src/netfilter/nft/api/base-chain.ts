/** Which base chains there may be. Linux net/netfilter/nft_chain_filter.c, nft_chain_nat.c, nft_chain_route.c. */
import type { NftBase, NftFamily, NftHook } from '../data/index.ts';
import { NftFault } from './fault.ts';

const INET_HOOKS: readonly NftHook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];
const NAT_HOOKS: readonly NftHook[] = ['prerouting', 'input', 'output', 'postrouting'];

/** The hooks of each family. */
export const FAMILY_HOOKS: Readonly<Record<NftFamily, readonly NftHook[]>> = {
  ip: INET_HOOKS,
  ip6: INET_HOOKS,
  inet: [...INET_HOOKS, 'ingress'],
  arp: ['input', 'output'],
  bridge: INET_HOOKS,
  netdev: ['ingress', 'egress'],
};

const CONNTRACK_PRIORITY = -200;

/** @throws NftFault for a base chain that its family has no room for. `nft_chain_parse_hook()` */
export function checkBase(family: NftFamily, base: NftBase): void {
  const isIp = family === 'ip' || family === 'ip6' || family === 'inet';
  if (base.type !== 'filter' && !isIp) throw new NftFault('ENOENT');
  if (base.type === 'nat' && !NAT_HOOKS.includes(base.hook)) throw new NftFault('EOPNOTSUPP');
  if (base.type === 'nat' && base.priority <= CONNTRACK_PRIORITY) throw new NftFault('EOPNOTSUPP');
  if (base.type === 'route' && base.hook !== 'output') throw new NftFault('EOPNOTSUPP');
  if (!FAMILY_HOOKS[family].includes(base.hook)) throw new NftFault('EOPNOTSUPP');
  const needsDevice = base.hook === 'ingress' || base.hook === 'egress';
  if (!needsDevice && base.devices.length > 0) throw new NftFault('EOPNOTSUPP');
}
