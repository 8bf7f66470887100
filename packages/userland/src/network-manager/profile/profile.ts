import { findSetting, SETTINGS, type Setting } from './settings.ts';

/** The kinds of profiles that Labwire acts on, as nmcli names them. */
export type ProfileType =
  | '802-3-ethernet'
  | 'bridge'
  | 'bond'
  | 'vlan'
  | 'tun'
  | 'dummy'
  | 'loopback';

/** Which settings a profile of a type has beside `connection`, addresses and `proxy`. */
const OWN_SETTINGS: Readonly<Record<ProfileType, readonly string[]>> = {
  '802-3-ethernet': ['802-3-ethernet'],
  bridge: ['802-3-ethernet', 'bridge'],
  bond: ['bond'],
  vlan: ['802-3-ethernet', 'vlan'],
  tun: ['tun'],
  dummy: ['dummy'],
  loopback: ['loopback'],
};

/** A connection profile: what a device is to be like. NMConnection */
export class Profile {
  readonly #values = new Map<string, string>();
  /** Number in its D-Bus path. */
  number = 0;
  /** The file that it is kept in. */
  file: string | undefined;
  /** Made by NetworkManager itself; external for a device that somebody else has set up. */
  generated = false;
  external = false;
  /** Seconds since the epoch of the last time it was active; 0 for never. */
  timestamp = 0;
  /** Not to be activated by itself: somebody took it down, or it failed too often. */
  blocked = false;
  /** How often it may still fail before it is not tried again. */
  retries = 4;

  constructor(type: ProfileType, id: string, uuid: string) {
    this.set('connection', 'type', type);
    this.set('connection', 'id', id);
    this.set('connection', 'uuid', uuid);
  }

  /** A property's value; what it is by itself if nothing was set. */
  get(setting: string, name: string): string {
    const value = this.#values.get(`${setting}.${name}`);
    if (value !== undefined) return value;
    const found = findSetting(setting)?.properties.find((each) => each.name === name);
    return found?.initial ?? '';
  }

  /** Sets a property to a value in its kept form. */
  set(setting: string, name: string, value: string): void {
    this.#values.set(`${setting}.${name}`, value);
  }

  /** Whether a property was given a value. */
  has(setting: string, name: string): boolean {
    return this.#values.has(`${setting}.${name}`);
  }

  yes(setting: string, name: string): boolean {
    return this.get(setting, name) === 'yes';
  }

  /** The parts of a list; none for an empty one. */
  list(setting: string, name: string): string[] {
    const text = this.get(setting, name);
    return text === '' ? [] : text.split(',');
  }

  get id(): string {
    return this.get('connection', 'id');
  }

  get uuid(): string {
    return this.get('connection', 'uuid');
  }

  get type(): ProfileType {
    return this.get('connection', 'type') as ProfileType;
  }

  get interfaceName(): string {
    return this.get('connection', 'interface-name');
  }

  get master(): string {
    return this.get('connection', 'master');
  }

  /** Whether it makes a device a port of another one. */
  get isPort(): boolean {
    return this.master !== '';
  }

  /** Its D-Bus path. */
  get path(): string {
    return `/org/freedesktop/NetworkManager/Settings/${this.number}`;
  }

  /** The settings that it has, in the order in which they are shown. */
  get settings(): readonly Setting[] {
    const own = [...OWN_SETTINGS[this.type]];
    if (this.isPort)
      own.push(...(this.get('connection', 'slave-type') === 'bridge' ? ['bridge-port'] : []));
    else own.push('ipv4', 'ipv6', 'proxy');
    return SETTINGS.filter((s) => s.name === 'connection' || own.includes(s.name));
  }

  /** A copy with another name and identity. */
  clone(id: string, uuid: string): Profile {
    const copy = this.copy();
    copy.set('connection', 'id', id);
    copy.set('connection', 'uuid', uuid);
    copy.timestamp = this.timestamp;
    return copy;
  }

  /** The same values in another object. */
  copy(): Profile {
    const copy = new Profile(this.type, this.id, this.uuid);
    for (const [key, value] of this.#values) copy.#values.set(key, value);
    return copy;
  }

  /** Takes over another profile's values. */
  assign(other: Profile): void {
    this.#values.clear();
    for (const [key, value] of other.#values) this.#values.set(key, value);
  }
}
