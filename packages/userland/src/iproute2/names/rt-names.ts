import type { FileSystem } from '../../machine/index.ts';
import { parseInteger, parseUnsigned } from '../parse/index.ts';
import { NameTable } from './name-table.ts';
import { PROTOCOLS } from './rt-protocols.ts';

const U32_MAX = 0xffff_ffff;

/** RT_SCOPE_* names that are built in. */
const SCOPES: readonly (readonly [number, string])[] = [
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
];

/** RT_TABLE_* names that are built in. */
const TABLES: readonly (readonly [number, string])[] = [
  [253, 'default'],
  [254, 'main'],
  [255, 'local'],
];

interface Kind {
  readonly file: string;
  readonly max: number;
  readonly builtIn: readonly (readonly [number, string])[];
}

const KINDS = {
  table: { file: 'rt_tables', max: U32_MAX, builtIn: TABLES },
  protocol: { file: 'rt_protos', max: 255, builtIn: PROTOCOLS },
  scope: { file: 'rt_scopes', max: 255, builtIn: SCOPES },
  realm: { file: 'rt_realms', max: 255, builtIn: [[0, 'unknown']] },
  dsfield: { file: 'rt_dsfield', max: 255, builtIn: [[0, '0']] },
  group: { file: 'group', max: U32_MAX, builtIn: [[0, 'default']] },
} as const satisfies Record<string, Kind>;

/** Names of tables, protocols, scopes, realms, DS fields and device groups, both ways. Source: iproute2 lib/rt_names.c. */
export class RtNames {
  readonly #fs: FileSystem;
  readonly #warn: (text: string) => void;
  readonly #tables = new Map<keyof typeof KINDS, NameTable>();
  /** Prints numbers only: `-N`. */
  numeric = false;

  /** @param warn takes what is wrong with a file */
  constructor(fs: FileSystem, warn: (text: string) => void) {
    this.#fs = fs;
    this.#warn = warn;
  }

  #of(kind: keyof typeof KINDS): NameTable {
    const known = this.#tables.get(kind);
    if (known !== undefined) return known;
    const { file, max, builtIn } = KINDS[kind];
    const table = new NameTable(builtIn, max);
    this.#tables.set(kind, table);
    this.#warn(table.load(this.#fs, `/etc/iproute2/${file}`));
    return table;
  }

  #name(kind: keyof typeof KINDS, id: number): string {
    return (this.numeric ? undefined : this.#of(kind).nameOf(id)) ?? String(id);
  }

  #id(kind: keyof typeof KINDS, text: string): number | undefined {
    return this.#of(kind).idOf(text) ?? parseUnsigned(text, KINDS[kind].max);
  }

  tableName(id: number): string {
    return this.#name('table', id);
  }

  /** @returns undefined if it is neither a name nor a number; so are the others */
  tableId(text: string): number | undefined {
    return this.#id('table', text);
  }

  protocolName(id: number): string {
    return this.#name('protocol', id);
  }

  protocolId(text: string): number | undefined {
    return this.#id('protocol', text);
  }

  scopeName(id: number): string {
    return this.#name('scope', id);
  }

  scopeId(text: string): number | undefined {
    return this.#id('scope', text);
  }

  realmName(id: number): string {
    return this.#name('realm', id);
  }

  groupName(id: number): string {
    return this.#name('group', id);
  }

  groupId(text: string): number | undefined {
    const known = this.#of('group').idOf(text);
    if (known !== undefined) return known;
    const id = parseInteger(text);
    return id === undefined || id < 0 ? undefined : id;
  }

  dsfieldName(id: number): string {
    const name = this.numeric ? undefined : this.#of('dsfield').nameOf(id);
    return name ?? `0x${id.toString(16).padStart(2, '0')}`;
  }

  dsfieldId(text: string): number | undefined {
    const known = this.#of('dsfield').idOf(text);
    if (known !== undefined) return known;
    const id = /^(?:0x)?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : 256;
    return id > 255 ? undefined : id;
  }
}
