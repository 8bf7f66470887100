/** The kinds of devices, in the order in which netplan writes them. */
export const KINDS = ['ethernets', 'bridges', 'bonds', 'vlans'] as const;
export type NetKind = (typeof KINDS)[number];

/** A value of the configuration: text as it is written, a truth value, a number, or more of them. */
export type Value = string | number | boolean | Value[] | Settings;
export interface Settings {
  [key: string]: Value;
}

/** One device of the configuration. */
export class NetDef {
  readonly id: string;
  readonly kind: NetKind;
  /** The file that had it first. */
  readonly origin: string;
  readonly settings: Settings = {};

  constructor(id: string, kind: NetKind, origin: string) {
    this.id = id;
    this.kind = kind;
    this.origin = origin;
  }

  text(key: string): string | undefined {
    const value = this.settings[key];
    return typeof value === 'string' ? value : undefined;
  }

  number(key: string): number | undefined {
    const value = this.settings[key];
    return typeof value === 'number' ? value : undefined;
  }

  yes(key: string): boolean {
    return this.settings[key] === true;
  }

  map(key: string): Settings {
    const value = this.settings[key];
    return typeof value === 'object' && !Array.isArray(value) ? value : {};
  }

  /** Texts of a sequence; `key` may be `outer.inner`. */
  list(key: string): string[] {
    const [outer = '', inner] = key.split('.');
    const value = inner === undefined ? this.settings[outer] : this.map(outer)[inner];
    return Array.isArray(value) ? value.filter((v) => typeof v === 'string') : [];
  }

  get routes(): Settings[] {
    const value = this.settings.routes;
    return Array.isArray(value) ? (value as Settings[]) : [];
  }

  /** The name that its device has or gets. */
  get interfaceName(): string {
    return this.text('set-name') ?? this.id;
  }
}
