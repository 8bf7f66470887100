import type { Process } from '../../../machine/index.ts';
import { LibvirtError } from '../../base/index.ts';
import { isIpv4, type NetworkDef, VIRTUAL_MODES } from '../conf/index.ts';
import type { DnsmasqRunner } from '../dnsmasq/index.ts';
import { MASQUERADE_PORTS, type NetworkFirewall } from '../firewall/index.ts';
import { BandwidthLimit } from './bandwidth.ts';
import { NetworkBridge } from './bridge.ts';
import type { Network } from './network.ts';
import { checkRouteCollision } from './route-collision.ts';

/** What starting and stopping networks works with. */
export interface NetworkParts {
  readonly proc: Process;
  readonly firewall: NetworkFirewall;
  readonly dnsmasq: DnsmasqRunner;
}

/** Makes what a network consists of. networkStartNetwork() @throws LibvirtError; what was made is gone then */
export async function startNetwork(parts: NetworkParts, network: Network): Promise<void> {
  const { def } = network;
  if (VIRTUAL_MODES.includes(def.forward.mode)) return startVirtual(parts, network);
  if (def.forward.mode === 'bridge' && def.bridge !== undefined) return startBridge(parts, def);
  if (def.forward.pf !== undefined)
    throw new LibvirtError('internal', `No usable Vf's present on SRIOV PF ${def.forward.pf}`);
}

/** networkStartNetworkBridge() */
async function startBridge({ proc }: NetworkParts, def: NetworkDef): Promise<void> {
  const name = def.bridge ?? '';
  try {
    await limit(proc, def);
    new NetworkBridge(proc, name).setMacTableManager(def.macTableManager);
  } catch (e) {
    await unlimit(proc, def);
    throw e;
  }
}

async function limit(proc: Process, { bridge = '', bandwidth }: NetworkDef): Promise<void> {
  if (bandwidth === undefined) return;
  const { inbound: sent, outbound: received } = bandwidth;
  await new BandwidthLimit(proc, bridge).set({ sent, received }, true);
}

async function unlimit(proc: Process, { bridge = '', bandwidth }: NetworkDef): Promise<void> {
  if (bandwidth !== undefined) await new BandwidthLimit(proc, bridge).clear();
}

/** networkStartNetworkVirtual() */
async function startVirtual(parts: NetworkParts, network: Network): Promise<void> {
  const { def } = network;
  checkRouteCollision(parts.proc, def);
  if (def.bridge === undefined)
    throw new LibvirtError('internal', `network '${def.name}' has no bridge name defined`);
  const bridge = new NetworkBridge(parts.proc, def.bridge);
  const existed = bridge.exists;
  try {
    bridge.create(def);
    bridge.setIpv6(def);
    if (def.forward.mode !== 'open') await parts.firewall.add(def);
    showMasqueradePorts(network);
    for (const ip of def.ips) bridge.addAddress(ip);
    bridge.setMacTableManager(def.macTableManager);
    bridge.setOnline(true);
    for (const route of def.routes) bridge.addRoute(route);
    if (def.forward.mode !== 'none') enableForwarding(parts.proc, def);
    network.dnsmasqPid = await parts.dnsmasq.start(def);
    await limit(parts.proc, def);
  } catch (e) {
    if (e instanceof LibvirtError && !existed) await undo(parts, network, bridge);
    throw e;
  }
}

/** What runs tells the ports that it masquerades to, even if the definition left them open: iptablesForwardMasquerade() fills them in. */
function showMasqueradePorts(network: Network): void {
  const { forward, ips } = network.def;
  const masquerades = ips.some((ip) => isIpv4(ip.address) || forward.natIpv6 === 'yes');
  if (forward.mode !== 'nat' || !masquerades || (forward.natPorts?.end ?? 0) > 0) return;
  network.def = { ...network.def, forward: { ...forward, natPorts: MASQUERADE_PORTS } };
}

/** networkEnableIPForwarding() */
function enableForwarding({ fs }: Process, def: NetworkDef): void {
  if (def.ips.some((ip) => isIpv4(ip.address)))
    fs.writeFile('/proc/sys/net/ipv4/ip_forward', '1\n');
  if (def.ips.some((ip) => !isIpv4(ip.address)))
    fs.writeFile('/proc/sys/net/ipv6/conf/all/forwarding', '1\n');
}

async function undo(parts: NetworkParts, network: Network, bridge: NetworkBridge): Promise<void> {
  const { def } = network;
  await unlimit(parts.proc, def);
  await parts.dnsmasq.stop(network.dnsmasqPid);
  network.dnsmasqPid = undefined;
  if (def.forward.mode !== 'open' && bridge.exists) await parts.firewall.remove(def);
  bridge.remove();
}

/** Takes away what a network consists of. networkShutdownNetwork() */
export async function stopNetwork(parts: NetworkParts, network: Network): Promise<void> {
  const { def } = network;
  await unlimit(parts.proc, def);
  if (!VIRTUAL_MODES.includes(def.forward.mode) || def.bridge === undefined) return;
  const bridge = new NetworkBridge(parts.proc, def.bridge);
  await parts.dnsmasq.stop(network.dnsmasqPid);
  network.dnsmasqPid = undefined;
  if (bridge.exists) bridge.setOnline(false);
  if (def.forward.mode !== 'open') await parts.firewall.remove(def);
  bridge.remove();
}
