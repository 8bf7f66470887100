import type { FileSystem } from '../../machine/index.ts';
import type { NetDef, NetplanConfig } from '../config/index.ts';
import { linkMatch, type Section, sectionsText } from './sections.ts';

const DIR = '/run/systemd/network';

/** Writes what systemd-networkd reads below a root directory, and takes older ones of netplan's away. Source: netplan src/networkd.c */
export function writeFiles(fs: FileSystem, config: NetplanConfig, root: string): void {
  const dir = `${root.replace(/\/$/, '')}${DIR}`;
  fs.mkdir(dir, { recursive: true });
  for (const name of fs.readdir(dir))
    if (name.startsWith('10-netplan-')) fs.unlink(`${dir}/${name}`);
  for (const def of config.defs.values()) {
    const base = `${dir}/10-netplan-${def.id}`;
    const write = (suffix: string, sections: readonly Section[]) => {
      if (sections.length > 0)
        fs.writeFile(`${base}.${suffix}`, sectionsText(sections), { mode: 0o644 });
    };
    write('link', linkFile(def));
    write('netdev', netdevFile(def));
    write('network', networkFile(config, def));
  }
}

function linkFile(def: NetDef): Section[] {
  if (def.kind !== 'ethernets') return [];
  const rename = def.text('set-name');
  const mtu = def.number('mtu');
  if (rename === undefined && mtu === undefined) return [];
  return [
    ['Match', linkMatch(def, 'OriginalName')],
    ['Link', [...opt('Name', rename), ['WakeOnLan', 'off'], ...opt('MTUBytes', mtu)]],
  ];
}

function netdevFile(def: NetDef): Section[] {
  if (def.kind === 'ethernets') return [];
  const kind = def.kind.slice(0, -1);
  const p = def.map('parameters');
  const head: Section = [
    'NetDev',
    [
      ['Name', def.id],
      ...opt('MACAddress', def.kind === 'vlans' ? undefined : def.text('macaddress')),
      ...opt('MTUBytes', def.number('mtu')),
      ['Kind', kind],
    ],
  ];
  const body: Record<string, Section> = {
    bridges: [
      'Bridge',
      [
        ...opt('AgeingTimeSec', p['ageing-time'] ?? p['aging-time']),
        ...opt('Priority', p.priority),
        ...opt('ForwardDelaySec', p['forward-delay']),
        ...opt('HelloTimeSec', p['hello-time']),
        ...opt('MaxAgeSec', p['max-age']),
        ...opt('STP', p.stp),
      ],
    ],
    bonds: [
      'Bond',
      [
        ...opt('Mode', p.mode),
        ...opt('MIIMonitorSec', withUnit(p['mii-monitor-interval'])),
        ...opt('UpDelaySec', withUnit(p['up-delay'])),
        ...opt('DownDelaySec', withUnit(p['down-delay'])),
      ],
    ],
    vlans: ['VLAN', opt('Id', def.number('id'))],
  };
  const own = body[def.kind] as Section;
  return own[1].length === 0 ? [head] : [head, own];
}

/** Times without a unit are milliseconds. */
function withUnit(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return /^\d+$/.test(String(value)) ? `${value}ms` : String(value);
}

function opt(key: string, value: unknown): [string, string][] {
  return value === undefined ? [] : [[key, String(value)]];
}

function networkFile(config: NetplanConfig, def: NetDef): Section[] {
  const link: [string, string][] = [
    ...(def.yes('optional') ? opt('RequiredForOnline', 'no') : []),
    ...opt('MTUBytes', def.number('mtu')),
    ...opt('MACAddress', def.text('macaddress')),
  ];
  const match = linkMatch(def, 'Name');
  const renamed = def.text('set-name');
  const sections: Section[] = [
    [
      'Match',
      renamed === undefined || match.some(([k]) => k === 'Name')
        ? match
        : [...match, ['Name', renamed]],
    ],
    ...(link.length > 0 ? ([['Link', link]] as Section[]) : []),
    ['Network', networkLines(config, def)],
    ...def.routes.map((route): Section => ['Route', routeLines(route)]),
  ];
  if (def.yes('dhcp4'))
    sections.push([
      'DHCP',
      [
        ['RouteMetric', '100'],
        ['UseMTU', 'true'],
      ],
    ]);
  return sections;
}

function networkLines(config: NetplanConfig, def: NetDef): [string, string][] {
  const master = config.masterOf(def.id);
  const addresses = def.list('addresses');
  const v6 = addresses.filter((a) => a.includes(':'));
  const vlans = [...config.defs.values()].filter((d) => d.text('link') === def.id);
  const servers = def.list('nameservers.addresses');
  const search = def.list('nameservers.search');
  return [
    ...(def.yes('dhcp4') ? opt('DHCP', 'ipv4') : []),
    ['LinkLocalAddressing', master === undefined ? 'ipv6' : 'no'],
    ...[...addresses.filter((a) => !a.includes(':')), ...v6].flatMap((a) => opt('Address', a)),
    ...opt('Gateway', def.text('gateway4')),
    ...opt('Gateway', def.text('gateway6')),
    ...[
      ...servers.filter((s) => !s.includes(':')),
      ...servers.filter((s) => s.includes(':')),
    ].flatMap((s) => opt('DNS', s)),
    ...(search.length > 0 ? opt('Domains', search.join(' ')) : []),
    ...(def.kind === 'ethernets' ? [] : opt('ConfigureWithoutCarrier', 'yes')),
    ...(master === undefined ? [] : opt(master.kind === 'bonds' ? 'Bond' : 'Bridge', master.id)),
    ...vlans.flatMap((d) => opt('VLAN', d.id)),
  ];
}

function routeLines(route: Readonly<Record<string, unknown>>): [string, string][] {
  const all = String(route.via ?? '').includes(':') ? '::/0' : '0.0.0.0/0';
  return [
    ['Destination', route.to === 'default' ? all : String(route.to)],
    ...opt('Gateway', route.via),
    ...(route['on-link'] === true ? opt('GatewayOnLink', 'true') : []),
    ...(route.scope === undefined || route.scope === 'global' ? [] : opt('Scope', route.scope)),
    ...opt('Metric', route.metric),
  ];
}
