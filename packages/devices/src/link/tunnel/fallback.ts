import type { MacAddr } from '@labwire/core/addr';
import type { Kernel } from '../../netns/kernel.ts';
import type { Netns } from '../../netns/netns.ts';
import { registerNetdevice } from '../register.ts';
import { IpTunnel } from './ip-tunnel.ts';
import { plainParms, type TunnelKind } from './parms.ts';
import { TunnelTable } from './table.ts';

/** The kernel's modules by the kinds of tunnels that they bring. */
const MODULES: Readonly<Record<TunnelKind, string>> = {
  ipip: 'ipip',
  gre: 'ip_gre',
  gretap: 'ip_gre',
  sit: 'sit',
};
const ERSPAN_MTU = 1450;
const IPPROTO_IPV6 = 41;

/** The tunnels of a namespace. */
export function tunnelTable(netns: Netns): TunnelTable {
  const table = (netns.tunnels as TunnelTable | null) ?? new TunnelTable(netns);
  netns.tunnels = table;
  return table;
}

/**
 * Loads the module of a kind of tunnels, as the first one of its kind does: each namespace, and each one to come, has devices
 * of its own that take what is for no other tunnel. `ip_tunnel_init_net()`
 */
export function loadTunnelModule(kernel: Kernel, kind: TunnelKind): void {
  const module = MODULES[kind];
  if (kernel.modules.has(module)) return;
  kernel.modules.set(module, (netns) => addFallbacks(netns, module));
  for (const netns of kernel.netnses()) addFallbacks(netns, module);
}

function addFallbacks(netns: Netns, module: string): void {
  const add = (name: string, kind: TunnelKind, proto = 0, linkType: string = kind) => {
    const parms = { ...plainParms(kind), pmtudisc: false, proto };
    const options = { fallback: true, addr: 0 as MacAddr, linkType };
    const dev = new IpTunnel(name, kind, tunnelTable(netns), parms, options);
    registerNetdevice(netns, dev);
    if (linkType === kind) dev.attach();
    else dev.mtu = ERSPAN_MTU;
  };
  if (module === 'ipip') add('tunl0', 'ipip');
  else if (module === 'sit') add('sit0', 'sit', IPPROTO_IPV6);
  else {
    add('gre0', 'gre');
    add('gretap0', 'gretap');
    // it belongs to the same module; nothing is mirrored here, so nothing ever comes out of it
    add('erspan0', 'gretap', 0, 'erspan');
  }
}
