import { BOND_MODES } from '../../network-config/index.ts';
import { type NetworkManager, NmError } from '../daemon/index.ts';
import {
  findProperty,
  findSetting,
  Profile,
  type ProfileType,
  type Property,
  type Setting,
} from '../profile/index.ts';
import { Exit, NmcliError } from './cli-error.ts';
import type { Command } from './command.ts';
import { aliasOf, modifyProfile, setProperty } from './modify.ts';

/** All types that nmcli knows. */
const ALL_TYPES =
  '6lowpan, 802-11-olpc-mesh (olpc-mesh), 802-11-wireless (wifi), 802-3-ethernet (ethernet), adsl, bluetooth, bond, bridge, cdma, dummy, generic, gsm, infiniband, ip-tunnel, loopback, macsec, macvlan, ovs-bridge, ovs-dpdk, ovs-interface, ovs-patch, ovs-port, pppoe, team, tun, veth, vlan, vpn, vrf, vxlan, wifi-p2p, wimax, wireguard, wpan, bond-slave, bridge-slave, team-slave';

/** Types that Labwire acts on, by the names that nmcli takes. */
const TYPES: Readonly<Record<string, ProfileType>> = {
  ethernet: '802-3-ethernet',
  '802-3-ethernet': '802-3-ethernet',
  bridge: 'bridge',
  bond: 'bond',
  vlan: 'vlan',
  tun: 'tun',
  dummy: 'dummy',
  'bridge-slave': '802-3-ethernet',
  'bond-slave': '802-3-ethernet',
};

function knownTypes(): string[] {
  return ALL_TYPES.split(', ').flatMap((t) => t.replace(')', '').split(' ('));
}

/** The words of a new profile that are no property. */
interface Head {
  type: string | undefined;
  name: string | undefined;
  save: boolean;
  ifname: string | undefined;
  rest: string[];
}

/** Words that anybody may write in any order. @throws NmcliError */
function readHead(words: readonly string[]): Head {
  const head: Head = { type: undefined, name: undefined, save: true, ifname: undefined, rest: [] };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '--') continue;
    const value = words[i + 1];
    if (value === undefined) throw new NmcliError(Exit.userInput, missing(word));
    i++;
    if (word === 'type') head.type = value;
    else if (word === 'con-name') head.name = value;
    else if (word === 'ifname') head.ifname = value;
    else if (word === 'save') head.save = yes(word, value);
    else head.rest.push(word, value);
  }
  return head;
}

function missing(word: string): string {
  return `value for '${word}' is missing.`;
}

function yes(word: string, value: string): boolean {
  if (!['yes', 'no'].includes(value))
    throw new NmcliError(Exit.userInput, `'${word}': '${value}' is not valid; use [yes] or [no].`);
  return value === 'yes';
}

function typeOf(word: string | undefined): ProfileType {
  if (word === undefined) throw new NmcliError(Exit.userInput, "'type' argument is required.");
  const known = knownTypes();
  const full = known.includes(word) ? word : known.find((t) => t.startsWith(word));
  if (full === undefined)
    throw new NmcliError(Exit.userInput, `bad connection type: '${word}' not among [${ALL_TYPES}]`);
  const type = TYPES[full];
  if (type === undefined)
    throw new NmcliError(
      Exit.userInput,
      `connections of type '${full}' are not supported by Labwire; ethernet, bridge, bond, vlan, tun and dummy are`,
    );
  return type;
}

/** Devices that a type makes when nobody says which. */
const DEFAULT_NAMES: Readonly<Record<string, string>> = { bridge: 'nm-bridge', bond: 'nm-bond' };

/** `nmcli connection add` */
export const add: Command = async (ctx, words) => {
  const manager = ctx.manager();
  const head = readHead(words);
  const type = typeOf(head.type);
  const profile = new Profile(type, '', manager.store.newUuid());
  const slave = /^(bridge|bond)-slave$/.exec(head.type ?? '')?.[1];
  if (slave !== undefined) profile.set('connection', 'slave-type', slave);
  readPort(profile, head.rest);
  const ifname = head.ifname ?? DEFAULT_NAMES[type];
  if (ifname !== undefined && ifname !== '*') profile.set('connection', 'interface-name', ifname);
  readRest(profile, head);
  requireWords(profile, head.type ?? '');
  profile.set('connection', 'id', head.name ?? freeName(manager, head.type ?? '', profile));
  setMethods(profile);
  for (const warning of warnings(manager, profile)) await ctx.proc.err(`Warning: ${warning}\n`);
  try {
    manager.add(profile);
  } catch (e) {
    if (!(e instanceof NmError)) throw e;
    throw new NmcliError(Exit.activation, `Failed to add '${profile.id}' connection: ${e.message}`);
  }
  await ctx.proc.out(`Connection '${profile.id}' (${profile.uuid}) successfully added.\n`);
  return 0;
};

/** Takes master and slave-type out of the words, since which settings there are depends on them. */
function readPort(profile: Profile, words: string[]): void {
  const setting = findSetting('connection') as Setting;
  for (const name of ['slave-type', 'master'])
    for (let i = 0; i < words.length; i += 2)
      if (words[i] === name || words[i] === `connection.${name}`) {
        const property = findProperty(setting, name) as Property;
        setProperty(profile, setting, property, '', words[i + 1] as string);
        words.splice(i, 2);
        i -= 2;
      }
}

function readRest(profile: Profile, { rest }: Head): void {
  for (let i = 0; i < rest.length; i += 2) {
    const [word, value] = [rest[i] as string, rest[i + 1] as string];
    if (profile.type === 'bond' && readBondWord(profile, word, value)) continue;
    const alias = word.includes('.') ? undefined : aliasOf(profile, word);
    // each further address is one more
    const sign = alias?.[1].kind === 'addresses' ? '+' : '';
    if (alias === undefined) modifyProfile(profile, [word, value]);
    else setProperty(profile, alias[0], alias[1], sign, value);
  }
}

const BOND_WORDS = [
  'mode',
  'primary',
  'miimon',
  'downdelay',
  'updelay',
  'arp-interval',
  'arp-ip-target',
  'lacp-rate',
];

function readBondWord(profile: Profile, word: string, value: string): boolean {
  if (!BOND_WORDS.includes(word)) return false;
  const key = word.replaceAll('-', '_');
  if (word === 'mode' && !BOND_MODES.includes(value) && !/^[0-6]$/.test(value))
    throw new NmcliError(
      Exit.userInput,
      `failed to modify bond.options: invalid option 'mode' or its value '${value}'.`,
    );
  const kept = profile.list('bond', 'options').filter((o) => !o.startsWith(`${key}=`));
  profile.set('bond', 'options', [...kept, `${key}=${value}`].join(','));
  return true;
}

function requireWords(profile: Profile, type: string): void {
  const need = (word: string) => {
    throw new NmcliError(Exit.userInput, `'${word}' argument is required.`);
  };
  if (profile.type === 'vlan' && profile.get('vlan', 'parent') === '') need('dev');
  if (profile.type === 'vlan' && !profile.has('vlan', 'id')) need('id');
  if (type.endsWith('-slave') && profile.master === '') need('master');
  if (['tun', 'dummy'].includes(profile.type) && profile.interfaceName === '') need('ifname');
}

function freeName(manager: NetworkManager, type: string, profile: Profile): string {
  const slave = profile.get('connection', 'slave-type');
  const word = profile.isPort && slave !== '' ? `${slave}-slave` : wordOf(type);
  const { interfaceName } = profile;
  const base = interfaceName === '' ? word : `${word}-${interfaceName}`;
  let name = base;
  for (let n = 1; manager.store.profiles.some((p) => p.id === name); n++) name = `${base}-${n}`;
  return name;
}

function wordOf(type: string): string {
  return type === '802-3-ethernet' ? 'ethernet' : type;
}

/** What addresses come from, where nothing was said of it. */
function setMethods(profile: Profile): void {
  if (profile.isPort) return;
  const isDummy = profile.type === 'dummy';
  if (!profile.has('ipv4', 'method')) profile.set('ipv4', 'method', isDummy ? 'disabled' : 'auto');
  if (!profile.has('ipv6', 'method')) profile.set('ipv6', 'method', isDummy ? 'disabled' : 'auto');
}

/** What may not be meant, though it is done. */
function warnings(manager: NetworkManager, profile: Profile): string[] {
  const { profiles } = manager.store;
  const { master, id } = profile;
  const found: string[] = [];
  const same = profiles.find((p) => p.id === id);
  if (same !== undefined)
    found.push(
      `There is another connection with the name '${id}'. Reference the connection by its uuid '${profile.uuid}'`,
    );
  const known = profiles.some((p) => [p.id, p.uuid, p.interfaceName].includes(master));
  if (master !== '' && !known)
    found.push(`master='${master}' doesn't refer to any existing profile.`);
  return found;
}
