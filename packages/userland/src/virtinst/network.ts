import type { Process } from '../machine/index.ts';
import type { OsInfo } from './os-list.ts';
import { checkSuboptions, parseSuboptions } from './suboptions.ts';
import { element } from './xml.ts';

/** Options of `--network` by their old names. virtinst/cli.py, ParserNetwork */
const ALIASES: Readonly<Record<string, string>> = {
  model: 'model.type',
  mac: 'mac.address',
  driver_name: 'driver.name',
  driver_queues: 'driver.queues',
  filterref: 'filterref.filter',
  link_state: 'link.state',
  target: 'target.dev',
  portgroup: 'source.portgroup',
  source_mode: 'source.mode',
  virtualport_type: 'virtualport.type',
  boot_order: 'boot.order',
};
const KNOWN: readonly string[] = [
  ...['type', 'network', 'bridge', 'source', 'source.mode', 'source.portgroup', 'target.dev'],
  ...['mac.address', 'model.type', 'link.state', 'mtu.size', 'virtualport.type', 'boot.order'],
  ...['filterref.filter', 'driver.name', 'driver.queues', 'trustGuestRxFilters'],
];

/** A NIC to be made. */
export interface Nic {
  readonly type: string;
  readonly source: string | undefined;
  readonly mac: string;
  readonly xml: string[];
}

/** The bridge that the default route leaves through, if it does through one. _default_bridge() */
function defaultBridge({ fs }: Process): string | undefined {
  if (!fs.exists('/proc/net/route')) return undefined;
  const line = fs
    .readText('/proc/net/route')
    .split('\n')
    .slice(1)
    .find((l) => l.split(/\s+/)[1] === '00000000');
  const dev = line?.split(/\s+/)[0] ?? '';
  return dev !== '' && fs.exists(`/sys/class/net/${dev}/bridge`) ? dev : undefined;
}

function randomMac({ machine }: Process): string {
  const tail = [0, 1, 2].map(() => machine.kernel.random.below(256).toString(16).padStart(2, '0'));
  return `52:54:00:${tail.join(':')}`;
}

/** What a NIC is joined to. */
function sourceOf(proc: Process, o: ReadonlyMap<string, string>): [string, string | undefined] {
  const type = o.get('type');
  if (type === 'default') {
    const bridge = defaultBridge(proc);
    return bridge === undefined ? ['network', 'default'] : ['bridge', bridge];
  }
  if (type === undefined && o.has('network')) return ['network', o.get('network')];
  if (type === undefined) return ['bridge', o.get('bridge') ?? o.get('source')];
  return [type, o.get('source')];
}

/** Reads one `--network`. @throws VirtInstallError */
export function readNetwork(proc: Process, text: string, os: OsInfo): Nic {
  const o = new Map(
    [...parseSuboptions(text, 'type')].map(([key, value]) => [ALIASES[key] ?? key, value]),
  );
  checkSuboptions('network', o, KNOWN);
  const [type, named] = sourceOf(proc, o);
  const source = named ?? (type === 'bridge' ? defaultBridge(proc) : undefined);
  const wanted = o.get('mac.address');
  const mac = wanted === undefined || wanted === 'RANDOM' ? randomMac(proc) : wanted;
  const key = ['network', 'bridge'].includes(type) ? type : 'dev';
  const one = (name: string, attrs: Record<string, string | undefined>) =>
    Object.values(attrs).some((v) => v !== undefined) ? element(name, attrs) : [];
  const xml = element('interface', { type, trustGuestRxFilters: o.get('trustGuestRxFilters') }, [
    ...one('source', {
      [key]: source,
      mode: o.get('source.mode'),
      portgroup: o.get('source.portgroup'),
    }),
    ...element('mac', { address: mac }),
    ...one('target', { dev: o.get('target.dev') }),
    ...element('model', { type: o.get('model.type') ?? (os.virtio ? 'virtio' : 'e1000') }),
    ...one('virtualport', { type: o.get('virtualport.type') }),
    ...one('boot', { order: o.get('boot.order') }),
    ...one('filterref', { filter: o.get('filterref.filter') }),
    ...one('driver', { name: o.get('driver.name'), queues: o.get('driver.queues') }),
    ...one('link', { state: o.get('link.state') }),
    ...one('mtu', { size: o.get('mtu.size') }),
  ]);
  return { type, source, mac, xml };
}
