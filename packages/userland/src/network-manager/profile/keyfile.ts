import { Profile, type ProfileType } from './profile.ts';
import { normalize, type Property } from './property.ts';
import { findProperty, findSetting, type Setting } from './settings.ts';

/** A setting's group in a keyfile. */
function groupOf(setting: Setting): string {
  return setting.alias ?? setting.name;
}

/** A profile as the text of its keyfile. libnm-core-impl/nm-keyfile.c, nm_keyfile_write() */
export function formatKeyfile(profile: Profile): string {
  const groups = profile.settings.map((setting) => {
    const lines = linesOf(profile, setting);
    return [`[${groupOf(setting)}]`, ...lines].join('\n');
  });
  if (profile.generated) {
    const meta = ['[.nmmeta]', 'nm-generated=true'];
    if (profile.external) meta.push('volatile=true', 'external=true');
    groups.push(meta.join('\n'));
  }
  return `${groups.sort(byKeyfileOrder).join('\n\n')}\n`;
}

/** Groups as keyfiles have them: the type's own before the addresses. */
const GROUP_ORDER = [
  '[connection]',
  '[ethernet]',
  '[bond]',
  '[bridge]',
  '[bridge-port]',
  '[dummy]',
  '[loopback]',
  '[tun]',
  '[vlan]',
  '[ipv4]',
  '[ipv6]',
  '[proxy]',
  '[.nmmeta]',
];

function byKeyfileOrder(a: string, b: string): number {
  const place = (text: string) => GROUP_ORDER.indexOf(text.split('\n')[0] ?? '');
  return place(a) - place(b);
}

function linesOf(profile: Profile, setting: Setting): string[] {
  if (setting.name === 'connection') return connectionLines(profile, setting);
  if (setting.name === 'bond') return profile.list('bond', 'options').sort();
  const lines: string[] = [];
  for (const property of setting.properties) {
    if (property.kind === 'fixed' && property.name !== 'addr-gen-mode') continue;
    lines.push(...propertyLines(profile, setting, property));
  }
  return lines.sort(byKey);
}

function byKey(a: string, b: string): number {
  const key = (line: string) => line.slice(0, line.indexOf('='));
  return key(a) < key(b) ? -1 : 1;
}

function connectionLines(profile: Profile, setting: Setting): string[] {
  const lines = [`id=${profile.id}`, `uuid=${profile.uuid}`, `type=${groupName(profile.type)}`];
  const more: string[] = [];
  for (const property of setting.properties) {
    const { name, initial } = property;
    if (['id', 'uuid', 'type', 'timestamp'].includes(name)) continue;
    const value = profile.get('connection', name);
    if (value !== initial) more.push(`${name}=${keyValue(property, value)}`);
  }
  if (profile.timestamp > 0) more.push(`timestamp=${profile.timestamp}`);
  return [...lines, ...more.sort(byKey)];
}

function groupName(type: ProfileType): string {
  return findSetting(type)?.alias ?? type;
}

function keyValue(property: Property, value: string): string {
  if (property.kind === 'boolean') return value === 'yes' ? 'true' : 'false';
  if (property.kind === 'list' || property.kind === 'servers')
    return `${value.replaceAll(',', ';')};`;
  return value;
}

/** Properties that stand in a keyfile in any case. */
const ALWAYS = ['method', 'addr-gen-mode', 'flags', 'id', 'parent', 'mode'];

function propertyLines(profile: Profile, setting: Setting, property: Property): string[] {
  const { name, initial } = property;
  const value = profile.get(setting.name, name);
  if (name === 'addresses') return addressLines(profile, setting.name);
  if (name === 'routes')
    return profile
      .list(setting.name, name)
      .map((r, i) => `route${i + 1}=${r.replaceAll(' ', ',')}`);
  if (name === 'gateway' && profile.list(setting.name, 'addresses').length > 0) return [];
  if (name === 'dns-search' && value !== '') return [`${name}=${keyValue(property, value)}`];
  if (value === initial && !ALWAYS.includes(name)) return [];
  return value === '' ? [] : [`${name}=${keyValue(property, value)}`];
}

function addressLines(profile: Profile, setting: string): string[] {
  const gateway = profile.get(setting, 'gateway');
  return profile.list(setting, 'addresses').map((address, i) => {
    const tail = i === 0 && gateway !== '' ? `,${gateway}` : '';
    return `address${i + 1}=${address}${tail}`;
  });
}

/** Reads a keyfile. @param fallback name of a profile that has none, by its file @returns undefined for what is no profile */
export function parseKeyfile(
  text: string,
  fallback: string,
  newUuid: () => string,
): Profile | undefined {
  const groups = readGroups(text);
  const head = groups.get('connection');
  const setting = findSetting(head?.get('type') ?? '');
  if (head === undefined || setting === undefined) return undefined;
  const profile = new Profile(
    setting.name as ProfileType,
    head.get('id') ?? fallback,
    head.get('uuid') ?? newUuid(),
  );
  for (const [group, lines] of groups) {
    const found = findSetting(group);
    if (found !== undefined) for (const [key, value] of lines) readLine(profile, found, key, value);
  }
  profile.timestamp = Number(head.get('timestamp') ?? 0);
  const fallbackMethod = profile.isPort ? '' : 'auto';
  if (!profile.has('ipv4', 'method')) profile.set('ipv4', 'method', fallbackMethod);
  if (!profile.has('ipv6', 'method')) profile.set('ipv6', 'method', fallbackMethod);
  return profile;
}

function readGroups(text: string): Map<string, Map<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const head = /^\[(.*)\]$/.exec(line);
    if (head !== null) {
      group = groups.get(head[1] as string) ?? new Map();
      groups.set(head[1] as string, group);
    } else if (line !== '' && !line.startsWith('#') && line.includes('=')) {
      const at = line.indexOf('=');
      group?.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
    }
  }
  return groups;
}

function readLine(profile: Profile, setting: Setting, key: string, value: string): void {
  const { name } = setting;
  if (name === 'connection' && ['type', 'uuid', 'id', 'timestamp'].includes(key)) return;
  if (name === 'bond') {
    append(profile, 'bond', 'options', `${key}=${value}`);
    return;
  }
  if (/^address(es)?\d*$/.test(key)) {
    const [address = '', gateway] = value.split(/[,;]/);
    append(profile, name, 'addresses', normalize(name, addressProperty(setting), address));
    if (gateway !== undefined && gateway !== '') profile.set(name, 'gateway', gateway);
    return;
  }
  if (/^routes?\d*$/.test(key)) {
    append(profile, name, 'routes', value.split(',').join(' '));
    return;
  }
  const property = findProperty(setting, key);
  if (property === undefined || property.kind === 'fixed') return;
  profile.set(
    name,
    property.name,
    normalize(name, property, value.replaceAll(';', ',').replace(/,$/, '')),
  );
}

function addressProperty(setting: Setting): Property {
  return findProperty(setting, 'addresses') as Property;
}

function append(profile: Profile, setting: string, name: string, part: string): void {
  const before = profile.has(setting, name) ? profile.list(setting, name) : [];
  profile.set(setting, name, [...before, part].join(','));
}
