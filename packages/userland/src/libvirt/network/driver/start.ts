import type { Process } from '../../../machine/index.ts';
import { LibvirtError } from '../../base/index.ts';
import { isIpv4, type NetworkDef, VIRTUAL_MODES } from '../conf/index.ts';
import type { DnsmasqRunner } from '../dnsmasq/index.ts';
import { MASQUERADE_PORTS, type NetworkFirewall } from '../firewall/index.ts';
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

/** Bandwidth is limited by traffic control, which machines do not have. @throws LibvirtError */
function checkBandwidth(def: NetworkDef): void {
  if (def.bandwidth !== undefined)
    throw new LibvirtError(
      'config-unsupported',
      `Labwire does not limit <bandwidth> (network '${def.name}'): there is no traffic control`,
    );
}

/** networkStartNetworkBridge() */
function startBridge({ proc }: NetworkParts, def: NetworkDef): void {
  checkBandwidth(def);
  new NetworkBridge(proc, def.bridge ?? '').setMacTableManager(def.macTableManager);
}

/** networkStartNetworkVirtual() */
async function startVirtual(parts: NetworkParts, network: Network): Promise<void> {
  const { def } = network;
  checkBandwidth(def);
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
  } catch (e) {
    if (e instanceof LibvirtError && !existed) await undo(parts, def, bridge);
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

async function undo(parts: NetworkParts, def: NetworkDef, bridge: NetworkBridge): Promise<void> {
  if (def.forward.mode !== 'open' && bridge.exists) await parts.firewall.remove(def);
  bridge.remove();
}

/** Takes away what a network consists of. networkShutdownNetwork() */
export async function stopNetwork(parts: NetworkParts, network: Network): Promise<void> {
  const { def } = network;
  if (!VIRTUAL_MODES.includes(def.forward.mode) || def.bridge === undefined) return;
  const bridge = new NetworkBridge(parts.proc, def.bridge);
  await parts.dnsmasq.stop(network.dnsmasqPid);
  network.dnsmasqPid = undefined;
  if (bridge.exists) bridge.setOnline(false);
  if (def.forward.mode !== 'open') await parts.firewall.remove(def);
  bridge.remove();
}
