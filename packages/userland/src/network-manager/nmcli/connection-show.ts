import { formatIpv4, ipv4Mask } from '@labwire/core/addr';
import { SEC } from '@labwire/core/sim';
import { formatDate } from '../../coreutils/index.ts';
import { addressesText } from '../../network-config/index.ts';
import type { ActiveConnection, NetworkManager } from '../daemon/index.ts';
import { findProperty, findSetting, type Profile, SETTINGS, shown } from '../profile/index.ts';
import { Exit, NmcliError } from './cli-error.ts';
import { type Command, type Context, matchWord } from './command.ts';
import { ipGroup } from './ip-groups.ts';
import { inMode, type NmcliOptions, pickFields } from './options.ts';
import { compareActive, compareText } from './order.ts';
import { type DetailGroup, details, type Field, table } from './table.ts';

interface Row {
  readonly profile: Profile;
  readonly active: ActiveConnection | undefined;
}

/** A profile's type as people read it. */
export function typeText({ type }: Profile): string {
  return type === '802-3-ethernet' ? 'ethernet' : type;
}

const LIST: readonly Field<Row>[] = [
  { name: 'NAME', value: ({ profile }) => profile.id },
  { name: 'UUID', value: ({ profile }) => profile.uuid },
  { name: 'TYPE', value: ({ profile }, terse) => (terse ? profile.type : typeText(profile)) },
  { name: 'TIMESTAMP', value: ({ profile }) => String(profile.timestamp) },
  {
    name: 'TIMESTAMP-REAL',
    value: ({ profile: { timestamp } }) =>
      timestamp === 0 ? 'never' : formatDate('%a %b %e %H:%M:%S %Y', timestamp),
  },
  { name: 'AUTOCONNECT', value: ({ profile }) => profile.get('connection', 'autoconnect') },
  {
    name: 'AUTOCONNECT-PRIORITY',
    value: ({ profile }) => profile.get('connection', 'autoconnect-priority'),
  },
  { name: 'READONLY', value: () => 'no' },
  { name: 'DBUS-PATH', value: ({ profile }) => profile.path },
  { name: 'ACTIVE', value: ({ active }) => (active === undefined ? 'no' : 'yes') },
  { name: 'DEVICE', value: ({ active }) => active?.device.name ?? '' },
  { name: 'STATE', value: ({ active }) => active?.state ?? '' },
  { name: 'ACTIVE-PATH', value: ({ active }) => active?.path ?? '' },
  { name: 'SLAVE', value: ({ profile }) => profile.get('connection', 'slave-type') },
  { name: 'FILENAME', value: ({ profile }) => profile.file ?? '' },
];
const LIST_COMMON = ['NAME', 'UUID', 'TYPE', 'DEVICE'];

/** What --order sorts by. @throws NmcliError */
function comparison(
  manager: NetworkManager,
  order: string | undefined,
): (a: Row, b: Row) => number {
  const keys = (order ?? 'active:name:path').split(':').map((item) => {
    const sign = item.startsWith('-') ? -1 : 1;
    const name = item.replace(/^[+-]/, '');
    const key = matchWord(name, ['active', 'name', 'type', 'path']);
    if (key === undefined)
      throw new NmcliError(Exit.userInput, `incorrect item '${item}' in '--order' option.`);
    return { sign, key };
  });
  return (a, b) => {
    for (const { sign, key } of keys) {
      const result = sign * compareBy(manager, key, a, b);
      if (result !== 0) return result;
    }
    return 0;
  };
}

function compareBy(manager: NetworkManager, key: string, a: Row, b: Row): number {
  if (key === 'active') return compareActive(manager, b.active, a.active);
  if (key === 'name') return compareText(a.profile.id, b.profile.id);
  if (key === 'type') return compareText(typeText(a.profile), typeText(b.profile));
  return a.profile.number - b.profile.number;
}

/** Takes the options of `connection show` out of its words. @throws NmcliError */
function readShow(words: readonly string[]): { active: boolean; order?: string; rest: string[] } {
  const found: { active: boolean; order?: string; rest: string[] } = { active: false, rest: [] };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '--active') found.active = true;
    else if (word === '--order') {
      const order = words[++i];
      if (order === undefined)
        throw new NmcliError(Exit.userInput, "'--order' argument is missing.");
      found.order = order;
    } else found.rest.push(word);
  }
  return found;
}

/** `nmcli connection show` */
export const showConnections: Command = async (ctx, words) => {
  const manager = ctx.manager();
  const { active, order, rest } = readShow(words);
  if (rest.length > 0) return showEach(ctx, manager, rest, active);
  const allowed = LIST.map((f) => f.name).join(',');
  const fields = pickFields(
    ctx.options,
    LIST,
    LIST_COMMON,
    (bad) => `invalid field '${bad}'; allowed fields: ${allowed}.`,
  );
  const rows = manager.store.profiles
    .map((profile) => ({ profile, active: manager.activeOf(profile) }))
    .filter((row) => !active || row.active !== undefined)
    .sort(comparison(manager, order));
  const options = inMode(ctx.options, 'tabular');
  const title = active ? 'NetworkManager active profiles' : 'NetworkManager connection profiles';
  const text =
    rows.length === 0 ? (options.terse ? '' : '\n') : table(title, fields, rows, options);
  await ctx.proc.out(text);
  return 0;
};

/** How profiles may be named. */
const SELECTORS = ['id', 'uuid', 'path', 'apath'];

/** A profile by what stands for it; `next` is where the words go on. */
export function selectProfile(
  manager: NetworkManager,
  words: readonly string[],
  at = 0,
): { profile: Profile | undefined; word: string; next: number } {
  const first = words[at] as string;
  const by = SELECTORS.includes(first) ? first : undefined;
  const word = by === undefined ? first : (words[at + 1] ?? '');
  const { profiles } = manager.store;
  const isIt = (p: Profile) => {
    const active = manager.activeOf(p);
    return (
      ((by === undefined || by === 'id') && p.id === word) ||
      ((by === undefined || by === 'uuid') && p.uuid === word) ||
      ((by === undefined || by === 'path') && [p.path, String(p.number)].includes(word)) ||
      ((by === undefined || by === 'apath') && active?.path === word)
    );
  };
  const byPath = by === undefined && /^\d+$/.test(word);
  const found = profiles.filter(byPath ? (p) => p.id === word : isIt);
  const activeFirst = found.find((p) => manager.activeOf(p) !== undefined) ?? found[0];
  return { profile: activeFirst, word, next: at + (by === undefined ? 1 : 2) };
}

async function showEach(
  ctx: Context,
  manager: NetworkManager,
  words: readonly string[],
  onlyActive: boolean,
): Promise<number> {
  const options = inMode(ctx.options, 'multiline');
  let separator = '';
  for (let at = 0; at < words.length; ) {
    const { profile, word, next } = selectProfile(manager, words, at);
    at = next;
    if (profile === undefined || (onlyActive && manager.activeOf(profile) === undefined))
      throw new NmcliError(Exit.notFound, `${word} - no such connection profile.`);
    const groups = profileGroups(manager, profile, options);
    await ctx.proc.out(`${separator}${details(titleOf(profile), groups, options)}`);
    separator = '\n';
  }
  return 0;
}

function titleOf(profile: Profile): string {
  return `Connection profile details (${profile.id})`;
}

/** The groups of what is in use, beside a profile's settings. */
const ACTIVE_GROUPS = ['GENERAL', 'IP4', 'DHCP4', 'IP6', 'DHCP6', 'VPN'];

function settingGroup(profile: Profile, name: string, o: NmcliOptions): DetailGroup | undefined {
  const setting = profile.settings.find((s) => s.name === name);
  if (setting === undefined) return undefined;
  const fields = setting.properties.map((property) => {
    const own = profile.get(name, property.name);
    const value =
      name === 'connection' && property.name === 'timestamp' ? String(profile.timestamp) : own;
    return { name: property.name, value: shown(property, value, o.terse) };
  });
  return { name, nested: true, fields };
}

function activeGroup(
  manager: NetworkManager,
  active: ActiveConnection,
  name: string,
): DetailGroup | undefined {
  const dev = active.device;
  const isUp = dev.isActivated;
  switch (name) {
    case 'GENERAL':
      return { name, nested: true, fields: generalFields(manager, active) };
    case 'IP4':
      return isUp && !dev.link.master ? ipGroup(manager, dev, 'inet') : portGroup(isUp, name);
    case 'IP6':
      return isUp && !dev.link.master ? ipGroup(manager, dev, 'inet6') : portGroup(isUp, name);
    case 'DHCP4': {
      const options = isUp ? dhcpOptions(manager, active) : [];
      if (options.length === 0) return undefined;
      return { name, nested: true, fields: [{ name: 'OPTION', value: options }] };
    }
    default:
      return undefined;
  }
}

function portGroup(isUp: boolean, name: string): DetailGroup | undefined {
  if (!isUp) return undefined;
  return { name, nested: true, fields: [{ name: 'GATEWAY', value: '' }] };
}

function generalFields(
  manager: NetworkManager,
  active: ActiveConnection,
): { name: string; value: string }[] {
  const { profile, device } = active;
  const master = manager.devices.find((d) => d.link === device.link.master);
  return [
    { name: 'NAME', value: profile.id },
    { name: 'UUID', value: profile.uuid },
    { name: 'DEVICES', value: device.name },
    { name: 'IP-IFACE', value: device.isActivated ? device.name : '' },
    { name: 'STATE', value: active.state },
    { name: 'DEFAULT', value: device === manager.defaultDevice && !active.external ? 'yes' : 'no' },
    { name: 'DEFAULT6', value: 'no' },
    { name: 'SPEC-OBJECT', value: '' },
    { name: 'VPN', value: 'no' },
    { name: 'DBUS-PATH', value: active.path },
    { name: 'CON-PATH', value: profile.path },
    { name: 'ZONE', value: '' },
    { name: 'MASTER-PATH', value: master?.path ?? '' },
  ];
}

/** What the internal client asks for, by name. */
const REQUESTED: readonly string[] = [
  'broadcast_address',
  'domain_name',
  'domain_name_servers',
  'domain_search',
  'host_name',
  'interface_mtu',
  'ms_classless_static_routes',
  'nis_domain',
  'nis_servers',
  'ntp_servers',
  'rfc3442_classless_static_routes',
  'root_path',
  'routers',
  'static_routes',
  'subnet_mask',
  'time_offset',
  'wpad',
];

function dhcpOptions(manager: NetworkManager, { device }: ActiveConnection): string[] {
  const { lease } = device;
  if (lease === undefined) return [];
  const { machine } = manager.proc;
  const left = lease.expires === Infinity ? 0 : lease.expires - machine.kernel.sim.now;
  const expiry = Math.floor(machine.wallClock + left / SEC);
  const id = [...device.clientId].map((b) => b.toString(16).padStart(2, '0')).join(':');
  const values: Record<string, string> = {
    broadcast_address: formatIpv4(lease.broadcast),
    dhcp_client_identifier: id,
    dhcp_lease_time: String(lease.leaseTime),
    dhcp_server_identifier: formatIpv4(lease.server),
    domain_name: lease.domain ?? '',
    domain_name_servers: lease.dns.map(formatIpv4).join(' '),
    expiry: String(expiry),
    host_name: lease.hostname ?? '',
    interface_mtu: lease.mtu === undefined ? '' : String(lease.mtu),
    ip_address: formatIpv4(lease.address),
    next_server: lease.nextServer === 0 ? '' : formatIpv4(lease.nextServer),
    ntp_servers: addressesText(lease.message, NTP_SERVERS).join(' '),
    routers: lease.routers.map(formatIpv4).join(' '),
    subnet_mask: formatIpv4(ipv4Mask(lease.prefixLen)),
  };
  for (const name of REQUESTED) values[`requested_${name}`] = '1';
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${name} = ${value}`);
}

/** Option 42. RFC 2132 section 8.3 */
const NTP_SERVERS = 42;

/** The groups that are shown of a profile. @throws NmcliError */
function profileGroups(manager: NetworkManager, profile: Profile, o: NmcliOptions): DetailGroup[] {
  const active = manager.activeOf(profile);
  const whole = (name: string) =>
    ACTIVE_GROUPS.includes(name)
      ? active === undefined
        ? undefined
        : activeGroup(manager, active, name)
      : settingGroup(profile, name, o);
  const { fields } = o;
  if (fields === undefined || ['all', 'common'].includes(fields.toLowerCase()))
    return [...SETTINGS.map((s) => s.name), ...ACTIVE_GROUPS].flatMap((name) => whole(name) ?? []);
  return fields.split(',').flatMap((word) => oneField(word.trim(), whole));
}

function oneField(
  word: string,
  whole: (name: string) => DetailGroup | undefined,
): readonly DetailGroup[] {
  const [head = '', tail] = word.split('.');
  const setting = findSetting(head);
  const name = setting?.name ?? head.toUpperCase();
  if (setting === undefined && !ACTIVE_GROUPS.includes(name)) throw badField(word);
  if (setting !== undefined && tail !== undefined && findProperty(setting, tail) === undefined)
    throw badField(word);
  const found = whole(name);
  if (found === undefined || tail === undefined) return found === undefined ? [] : [found];
  const wanted = setting === undefined ? tail.toUpperCase() : findProperty(setting, tail)?.name;
  const kept = found.fields.filter((f) => f.name === wanted);
  if (kept.length === 0 && setting === undefined) throw badField(word);
  return [{ ...found, fields: kept, nested: false }];
}

function badField(word: string): NmcliError {
  const allowed = [...SETTINGS.map((s) => s.name), ...ACTIVE_GROUPS].join(',');
  return new NmcliError(
    Exit.userInput,
    `invalid field '${word}'; allowed fields: ${allowed}, or a setting.property of them.`,
  );
}
