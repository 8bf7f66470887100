import {
  BadValue,
  findProperty,
  findSetting,
  normalize,
  type Profile,
  type Property,
  type Setting,
  splitList,
} from '../profile/index.ts';
import { Exit, NmcliError } from './cli-error.ts';

/** A setting as messages list it. */
function listed({ name, alias }: Setting): string {
  return alias === undefined ? name : `${name} (${alias})`;
}

/** Settings that a profile of a type may have in NetworkManager, some of which Labwire has not. */
const MORE_SETTINGS = ['ethtool', 'match', 'hostname', 'tc'];

function allowedSettings(profile: Profile): string {
  const own = profile.settings.filter((s) => !['ipv4', 'ipv6', 'proxy'].includes(s.name));
  const [first, ...rest] = own.map(listed);
  // the type's own setting comes before the wired one that goes along with it
  const typed = rest.sort((a, b) => Number(b === profile.type) - Number(a === profile.type));
  const [ethtool, match, hostname, tc] = MORE_SETTINGS;
  const ip = profile.isPort ? [] : ['ipv4', 'ipv6', hostname, tc, 'proxy'];
  return [first, ...typed, ethtool, match, ...ip].join(', ');
}

/** `SETTING.PROPERTY` of a profile. @throws NmcliError */
function lookUp(profile: Profile, word: string): [Setting, Property] {
  const [head = '', tail] = word.split('.');
  if (tail === undefined) {
    const short = aliasOf(profile, word);
    if (short === undefined)
      throw new NmcliError(Exit.userInput, `invalid <setting>.<property> '${word}'.`);
    return short;
  }
  const setting = findSetting(head);
  if (setting === undefined || !profile.settings.includes(setting))
    throw new NmcliError(
      Exit.userInput,
      `invalid or not allowed setting '${head}': '${head}' not among [${allowedSettings(profile)}].`,
    );
  const property = findProperty(setting, tail);
  if (property === undefined) {
    const names = setting.properties.map((p) => p.name).join(', ');
    throw new NmcliError(
      Exit.userInput,
      `invalid property '${tail}': '${tail}' not among [${names}].`,
    );
  }
  return [setting, property];
}

/** Words that stand for a property without its setting. nm-meta-setting-desc.c, `property_alias` */
const ALIASES: Readonly<Record<string, string>> = {
  'con-name': 'connection.id',
  autoconnect: 'connection.autoconnect',
  ifname: 'connection.interface-name',
  master: 'connection.master',
  'slave-type': 'connection.slave-type',
  mtu: '802-3-ethernet.mtu',
  'cloned-mac': '802-3-ethernet.cloned-mac-address',
  mac: '802-3-ethernet.mac-address',
  ip4: 'ipv4.addresses',
  gw4: 'ipv4.gateway',
  ip6: 'ipv6.addresses',
  gw6: 'ipv6.gateway',
};

/** Words of one setting, by the setting. */
const OWN_ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bridge: {
    stp: 'stp',
    priority: 'priority',
    'forward-delay': 'forward-delay',
    'hello-time': 'hello-time',
    'max-age': 'max-age',
    'ageing-time': 'ageing-time',
    'group-forward-mask': 'group-forward-mask',
    'multicast-snooping': 'multicast-snooping',
    mac: 'mac-address',
  },
  'bridge-port': { priority: 'priority', 'path-cost': 'path-cost', hairpin: 'hairpin-mode' },
  vlan: { dev: 'parent', id: 'id', flags: 'flags' },
  tun: {
    mode: 'mode',
    owner: 'owner',
    group: 'group',
    pi: 'pi',
    'vnet-hdr': 'vnet-hdr',
    'multi-queue': 'multi-queue',
  },
};

/** The property that a word alone stands for in a profile. */
export function aliasOf(profile: Profile, word: string): [Setting, Property] | undefined {
  for (const setting of profile.settings) {
    const own = OWN_ALIASES[setting.name]?.[word];
    if (own !== undefined) return [setting, findProperty(setting, own) as Property];
  }
  const path = ALIASES[word]?.split('.');
  const setting = path === undefined ? undefined : findSetting(path[0] as string);
  if (path === undefined || setting === undefined || !profile.settings.includes(setting))
    return undefined;
  return [setting, findProperty(setting, path[1] as string) as Property];
}

/** Kinds of properties that have several values. */
const LISTS = ['list', 'servers', 'addresses', 'routes', 'options'];

/** Sets a property as nmcli does, and what follows from it. @throws NmcliError */
export function setProperty(
  profile: Profile,
  setting: Setting,
  property: Property,
  sign: '' | '+' | '-',
  text: string,
): void {
  const { name } = setting;
  try {
    const value = tunMode(setting, property, normalize(name, property, text));
    const before = profile.list(name, property.name);
    if (sign === '' || !LISTS.includes(property.kind)) {
      if (sign === '-') profile.set(name, property.name, property.initial);
      else profile.set(name, property.name, value);
    } else if (sign === '+') {
      const more = splitList(value, /,/).filter((v) => !before.includes(v));
      profile.set(name, property.name, [...before, ...more].join(','));
    } else profile.set(name, property.name, without(before, text, value).join(','));
  } catch (e) {
    if (!(e instanceof BadValue)) throw e;
    throw new NmcliError(
      Exit.userInput,
      `failed to modify ${name}.${property.name}: ${e.message}.`,
    );
  }
  if (property.name === 'addresses' && sign !== '-' && profile.get(name, 'addresses') !== '')
    if (['', 'auto'].includes(profile.get(name, 'method')) && !profile.has(name, 'method'))
      profile.set(name, 'method', 'manual');
}

function tunMode({ name }: Setting, property: Property, value: string): string {
  if (name !== 'tun' || property.name !== 'mode') return value;
  return value === 'tap' || value === '2' ? '2' : '1';
}

/** A list without some values, or without the one at an index. */
function without(list: readonly string[], text: string, value: string): string[] {
  if (/^\d+$/.test(text)) return list.filter((_, i) => i !== Number(text));
  return list.filter((v) => !value.split(',').includes(v));
}

/** Changes a profile by words: `[+|-]SETTING.PROPERTY VALUE`, pair by pair. @throws NmcliError */
export function modifyProfile(profile: Profile, words: readonly string[]): void {
  if (words.length === 0)
    throw new NmcliError(Exit.userInput, '<setting>.<property> argument is missing.');
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i] as string;
    const sign = word.startsWith('+') ? '+' : word.startsWith('-') ? '-' : '';
    const path = sign === '' ? word : word.slice(1);
    const [setting, property] = lookUp(profile, path);
    const value = words[i + 1];
    if (value === undefined) {
      const full = path.includes('.') ? `${setting.name}.${property.name}` : path;
      throw new NmcliError(Exit.userInput, `value for '${full}' is missing.`);
    }
    setProperty(profile, setting, property, sign, value);
  }
}
