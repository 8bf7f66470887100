import { LibvirtError } from '../../base/index.ts';
import type { XmlElement } from '../../xml/index.ts';
import { ForeignNode, XmlNode } from './node.ts';

/** What a domain says beside its name and devices. */
export interface General {
  readonly virtType: string;
  readonly memory: number;
  readonly currentMemory: number;
  readonly vcpus: number;
  readonly maxVcpus: number;
  readonly machine: string;
  /** In libvirt's order. */
  readonly general: XmlNode[];
}

/** Factors to kibibytes. virScaleInteger() */
const UNITS: Readonly<Record<string, number>> = {
  b: 1 / 1024,
  bytes: 1 / 1024,
  kb: 1000 / 1024,
  k: 1,
  kib: 1,
  mb: 1e6 / 1024,
  m: 1024,
  mib: 1024,
  gb: 1e9 / 1024,
  g: 1024 ** 2,
  gib: 1024 ** 2,
  tb: 1e12 / 1024,
  t: 1024 ** 3,
  tib: 1024 ** 3,
};

/** Versions of machine types that an unversioned name stands for. */
const MACHINES: Readonly<Record<string, string>> = { pc: 'pc-i440fx-7.2', q35: 'pc-q35-7.2' };

/** Elements that say nothing which a network shows: they are kept as they are. */
const KEPT: readonly string[] = [
  'iothreads',
  'memoryBacking',
  'cputune',
  'numatune',
  'resource',
  'sysinfo',
];

/** Reads what stands above the devices. @throws LibvirtError */
export function readGeneral(root: XmlElement): General {
  const virtType = root.attr('type') ?? '';
  const memory = kibibytes(root, 'memory');
  const os = readOs(root);
  if (!['kvm', 'qemu'].includes(virtType))
    throw new LibvirtError('config-unsupported', `invalid domain type ${virtType}`);
  const current = kibibytes(root, 'currentMemory') || memory;
  const maxVcpus = Number(root.childText('vcpu')?.trim() ?? 1);
  const vcpus = Number(root.child('vcpu')?.attr('current') ?? maxVcpus);
  const size = (name: string, kib: number) => new XmlNode(name, { unit: 'KiB' }, [], String(kib));
  const kept = (name: string) => root.all(name).map(XmlNode.copyOf);
  const event = (name: string, usual: string) =>
    new XmlNode(name, {}, [], root.childText(name) ?? usual);
  const general = [
    ...kept('metadata').map((m) => new ForeignNode(m.name, {}, m.children)),
    size('memory', memory),
    size('currentMemory', current),
    vcpuNode(root, vcpus, maxVcpus),
    ...KEPT.flatMap(kept),
    os.node,
    ...kept('features').filter((f) => f.children.length > 0),
    readCpu(root),
    readClock(root),
    event('on_poweroff', 'destroy'),
    event('on_reboot', 'restart'),
    event('on_crash', 'destroy'),
    ...kept('pm'),
  ];
  return {
    virtType,
    memory,
    currentMemory: current,
    vcpus,
    maxVcpus,
    machine: os.machine,
    general,
  };
}

function kibibytes(root: XmlElement, name: string): number {
  const text = root.childText(name)?.trim();
  if (text === undefined) return 0;
  const unit = UNITS[(root.child(name)?.attr('unit') ?? 'KiB').toLowerCase()];
  if (!/^\d+$/.test(text) || unit === undefined)
    throw new LibvirtError(
      'xml-error',
      `Invalid value '${text}' for element or attribute './${name}[1]'`,
    );
  return Math.ceil(Number(text) * unit);
}

function vcpuNode(root: XmlElement, vcpus: number, max: number): XmlNode {
  const given = root.child('vcpu');
  const node = new XmlNode(
    'vcpu',
    { placement: given?.attr('placement') ?? 'static' },
    [],
    String(max),
  );
  node.set('cpuset', given?.attr('cpuset'));
  if (vcpus !== max) node.set('current', String(vcpus));
  return node;
}

/** Reads `<os>`. virDomainDefParseBootOptions() */
function readOs(root: XmlElement): { readonly node: XmlNode; readonly machine: string } {
  const os = root.child('os');
  const type = os?.child('type');
  if (os === undefined || type === undefined || type.text.trim() === '')
    throw new LibvirtError('xml-error', 'an os <type> must be specified');
  if (type.text.trim() !== 'hvm')
    throw new LibvirtError('config-unsupported', `unknown OS type '${type.text.trim()}'`);
  const arch = type.attr('arch') ?? 'x86_64';
  if (arch !== 'x86_64' && arch !== 'i686')
    throw new LibvirtError('config-unsupported', `Unknown architecture ${arch}`);
  const given = type.attr('machine') ?? 'pc';
  const machine = MACHINES[given] ?? given;
  if (!/^pc-(i440fx|q35)-/.test(machine))
    throw new LibvirtError('xml-error', 'No PCI buses available');
  const rest = os.children.filter((c) => c.name !== 'type').map(XmlNode.copyOf);
  const node = new XmlNode('os', {}, [new XmlNode('type', { arch, machine }, [], 'hvm'), ...rest]);
  const byDevice =
    root.child('devices')?.children.some((d) => d.child('boot') !== undefined) === true;
  if (!byDevice && node.child('boot') === undefined && node.child('kernel') === undefined)
    node.children.push(new XmlNode('boot', { dev: 'hd' }));
  return { node, machine };
}

/** What QEMU emulates where nothing is asked for. */
function readCpu(root: XmlElement): XmlNode {
  const given = root.child('cpu');
  if (given === undefined || (given.attributes.size === 0 && given.children.length === 0))
    return new XmlNode('cpu', { mode: 'custom', match: 'exact', check: 'none' }, [
      new XmlNode('model', { fallback: 'forbid' }, [], 'qemu64'),
    ]);
  const mode = given.attr('mode') ?? 'custom';
  const node = new XmlNode('cpu', { mode }, XmlNode.copyOf(given).children);
  if (mode === 'custom') node.set('match', given.attr('match') ?? 'exact');
  node.set('check', given.attr('check') ?? (mode === 'host-passthrough' ? 'none' : 'partial'));
  if (mode === 'host-passthrough') node.set('migratable', given.attr('migratable') ?? 'on');
  const model = node.child('model');
  if (mode === 'custom' && model !== undefined)
    model.set('fallback', model.attr('fallback') ?? 'allow');
  return node;
}

function readClock(root: XmlElement): XmlNode {
  const given = root.child('clock');
  if (given === undefined) return new XmlNode('clock', { offset: 'utc' });
  const node = XmlNode.copyOf(given);
  node.text = '';
  return node;
}
