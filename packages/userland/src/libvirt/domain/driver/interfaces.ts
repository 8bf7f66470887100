import type { RandomStream } from '@labwire/core/sim';
import { LibvirtError } from '../../base/index.ts';
import {
  assignPciAddresses,
  childOrder,
  type DomainDef,
  giveAlias,
  parseInterface,
  XmlNode,
} from '../conf/index.ts';
import type { Domain } from './domain.ts';
import { limitInterface } from './limits.ts';
import type { Plugs } from './plug.ts';

/** A change of a domain's interfaces. */
export interface InterfaceChange {
  readonly kind: 'attach' | 'detach' | 'update';
  /** The interface's XML; for `detach` and `update` its MAC says which. */
  readonly xml: string;
  /** Whom it is for: what runs, what is defined. */
  readonly live: boolean;
  readonly config: boolean;
}

/** Makes a change. qemuDomainAttachDeviceLiveAndConfig() and its siblings @throws LibvirtError */
export async function changeInterface(
  plugs: Plugs,
  domain: Domain,
  change: InterfaceChange,
  random: RandomStream,
): Promise<void> {
  if (change.live && !domain.active)
    throw new LibvirtError('operation-invalid', 'domain is not running');
  if (change.config && domain.persistent === undefined)
    throw new LibvirtError(
      'operation-invalid',
      'transient domains do not have any persistent config',
    );
  const node = parseInterface(change.xml, random);
  const { kind } = change;
  if (change.config && domain.persistent !== undefined)
    CONFIG[kind](domain.persistent, node.clone());
  if (!change.live) return;
  if (kind === 'attach') await attachLive(plugs, domain, node);
  else if (kind === 'detach') detachLive(domain, node);
  else updateLive(domain, node);
}

const CONFIG: Readonly<Record<InterfaceChange['kind'], (def: DomainDef, node: XmlNode) => void>> = {
  attach: (def, node) => {
    def.addDevice(node);
    assignPciAddresses(def);
  },
  detach: (def, node) => def.removeDevice(withMac(def, node)),
  update: (def, node) => copyLink(withMac(def, node), node),
};

/** The interface that has the MAC of another. @throws LibvirtError */
function withMac(def: DomainDef, node: XmlNode): XmlNode {
  const mac = macOf(node);
  const found = def.all('interface').find((n) => macOf(n) === mac);
  if (found !== undefined) return found;
  throw new LibvirtError('operation-failed', `no device matching MAC address ${mac} found`);
}

function macOf(node: XmlNode): string | undefined {
  return node.child('mac')?.attr('address');
}

/** A machine without ACPI has no hot plugging. */
function checkHotplug(domain: Domain, command: string): void {
  const features = domain.def.general.find((n) => n.name === 'features');
  if (features?.child('acpi') !== undefined) return;
  throw new LibvirtError(
    'internal',
    `unable to execute QEMU command '${command}': Bus 'pci.0' does not support hotplugging`,
  );
}

async function attachLive(plugs: Plugs, domain: Domain, node: XmlNode): Promise<void> {
  const { running } = domain;
  if (running === undefined) return;
  checkHotplug(domain, 'device_add');
  const used = running.def.all('interface').map((n) => n.child('alias')?.attr('name'));
  let n = 0;
  while (used.includes(`net${n}`)) n++;
  giveAlias(node, `net${n}`);
  const trial = running.def.clone();
  trial.addDevice(node);
  assignPciAddresses(trial);
  running.attach(plugs, node);
  try {
    await limitInterface(plugs.proc, node);
  } catch (e) {
    running.detach(node);
    throw e;
  }
}

function detachLive(domain: Domain, node: XmlNode): void {
  checkHotplug(domain, 'device_del');
  domain.running?.detach(withMac(domain.running.def, node));
}

/** Of a running interface only the link's state can be changed here. */
function updateLive(domain: Domain, node: XmlNode): void {
  const { running } = domain;
  if (running === undefined) return;
  const own = withMac(running.def, node);
  copyLink(own, node);
  running.portOf(own)?.setLink(node.child('link')?.attr('state') !== 'down');
}

function copyLink(own: XmlNode, node: XmlNode): void {
  const state = node.child('link')?.attr('state');
  own.remove('link');
  if (state !== undefined) own.put(new XmlNode('link', { state }), childOrder('interface'));
}
