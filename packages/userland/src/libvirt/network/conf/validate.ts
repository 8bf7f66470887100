import { LibvirtError } from '../../base/index.ts';
import { type NetworkDef, servesDhcp, VIRTUAL_MODES } from './definition.ts';
import { formatPci } from './parse-forward.ts';
import { isIpv4 } from './socket-address.ts';

function unsupported(text: string): LibvirtError {
  return new LibvirtError('config-unsupported', text);
}

/** Refuses what cannot work together, once the bridge has a name. networkValidate() @throws LibvirtError */
export function validateNetwork(def: NetworkDef): void {
  if (def.name.includes('\n')) throw new LibvirtError('plain', `invalid char in name: \n`);
  const virtual = VIRTUAL_MODES.includes(def.forward.mode);
  if (!virtual) checkExternal(def);
  const bandwidthAllowed = virtual || (def.forward.mode === 'bridge' && def.bridge !== undefined);
  if (def.bandwidth !== undefined && !bandwidthAllowed)
    throw unsupported(
      `Unsupported network-wide <bandwidth> element in network ${def.name} with forward mode='${def.forward.mode}'`,
    );
  checkDevices(def);
  checkOneDhcp(def);
  checkPortGroups(def, bandwidthAllowed);
  checkVlan(def);
}

/** Where libvirt makes no bridge it can give it neither a MAC nor an address. */
function checkExternal({ name, forward, mac, ips, dns, domain }: NetworkDef): void {
  const refuse = (element: string) =>
    unsupported(
      `Unsupported <${element}> element in network ${name} with forward mode='${forward.mode}'`,
    );
  if (mac !== undefined) throw refuse('mac');
  if (ips.length > 0) throw refuse('ip');
  if (dns.txts.length + dns.hosts.length + dns.srvs.length > 0) throw refuse('dns');
  if (domain !== undefined) throw refuse('domain');
}

function checkDevices({ name, forward }: NetworkDef): void {
  const { mode, devices } = forward;
  for (const device of devices) {
    if (device.kind === 'netdev') {
      if (mode === 'hostdev')
        throw unsupported(
          `hostdev network '${name}' lists '${device.dev}' in the device pool, but hostdev networks require all devices to be listed by PCI address, not network device name`,
        );
      continue;
    }
    if (mode !== 'hostdev')
      throw unsupported(
        `network '${name}' has forward mode '${mode}'  but lists a device by PCI address in the device pool. This is only supported for networks with forward mode 'hostdev'`,
      );
    throw unsupported(
      `device '/sys/bus/pci/devices/${formatPci(device.address)}' in network '${name}' is not an SR-IOV Virtual Function`,
    );
  }
}

function checkOneDhcp({ ips }: NetworkDef): void {
  for (const [family, of4] of [
    ['IPv4', true],
    ['IPv6', false],
  ] as const)
    if (ips.filter((ip) => isIpv4(ip.address) === of4 && servesDhcp(ip)).length > 1)
      throw unsupported(
        `Multiple ${family} dhcp sections found -- dhcp is supported only for a single ${family} address on each network`,
      );
}

function checkPortGroups(
  { name, forward, portGroups }: NetworkDef,
  bandwidthAllowed: boolean,
): void {
  const defaults = portGroups.filter((g) => g.isDefault);
  const [first, second] = defaults;
  if (first !== undefined && second !== undefined)
    throw unsupported(
      `network '${name}' has multiple default <portgroup> elements (${first.name} and ${second.name}), but only one default is allowed`,
    );
  for (const [i, group] of portGroups.entries()) {
    if (portGroups.slice(i + 1).some((g) => g.name === group.name))
      throw unsupported(
        `multiple <portgroup> elements with the same name (${group.name}) in network '${name}'`,
      );
    if (group.bandwidth !== undefined && !bandwidthAllowed)
      throw unsupported(
        `Unsupported <bandwidth> element in network '${name}' in portgroup '${group.name}' with forward mode='${forward.mode}'`,
      );
  }
}

/** Tags are for SR-IOV devices and Open vSwitch alone. */
function checkVlan(def: NetworkDef): void {
  const { forward, virtualPort, portGroups } = def;
  const { mode } = forward;
  const allowed =
    mode === 'hostdev' ||
    mode === 'passthrough' ||
    (mode === 'bridge' && virtualPort?.type === 'openvswitch');
  const used = def.vlan !== undefined;
  const bad = portGroups.some((group) => {
    if (!used && group.vlan === undefined) return false;
    if (group.virtualPort !== undefined)
      return mode !== 'bridge' || group.virtualPort.type !== 'openvswitch';
    return !allowed;
  });
  if (bad || (used && !allowed && !portGroups.some((g) => g.isDefault)))
    throw unsupported(
      `<vlan> element specified for network ${def.name}, whose type doesn't support vlan configuration`,
    );
}
