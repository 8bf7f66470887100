/** The sets of one namespace and what may be asked of them. Linux net/netfilter/ipset/ip_set_core.c */
import type { Netns } from '../../netns/netns.ts';
import type { XtTarget } from '../xt/target.ts';
import {
  entryName,
  type IpSet,
  type IpSetEntry,
  type IpSetOptions,
  type IpSetPart,
} from './data.ts';
import { IpSetFault } from './fault.ts';
import { IpSetIndex } from './index-of.ts';
import { ipSetType } from './types.ts';

/** What an element is added with. */
export interface EntryOptions {
  /** Seconds; undefined: the set's. */
  readonly timeout?: number;
  readonly packets?: number;
  readonly bytes?: number;
  readonly comment?: string;
  readonly nomatch?: boolean;
  /** `-exist`: one that is there already is no error. */
  readonly exist: boolean;
  /** Of a list: the member that it goes before or after. */
  readonly place?: { readonly where: 'before' | 'after'; readonly name: string };
}

const SECOND = 1e9;

/** The sets of one namespace. */
export class IpSets {
  readonly #netns: Netns;
  /** In the order of listing: hash and bitmap sets as they were made, lists last. */
  readonly #sets: IpSet[] = [];
  readonly #indexes = new WeakMap<IpSet, IpSetIndex>();

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** All sets as they are listed. */
  list(): IpSet[] {
    const isList = (s: IpSet): boolean => s.type.name === 'list:set';
    return [...this.#sets.filter((s) => !isList(s)), ...this.#sets.filter(isList)];
  }

  /** A set by its name. */
  find(name: string): IpSet | undefined {
    return this.#sets.find((s) => s.name === name);
  }

  /** @throws IpSetFault */
  get(name: string): IpSet {
    const s = this.find(name);
    if (s === undefined) throw new IpSetFault('noset');
    return s;
  }

  /** What finds a packet's element. */
  index(set: IpSet): IpSetIndex {
    let index = this.#indexes.get(set);
    if (index === undefined) {
      index = new IpSetIndex(set);
      this.#indexes.set(set, index);
    }
    return index;
  }

  /** Makes a set. @throws IpSetFault */
  create(name: string, typeName: string, options: IpSetOptions, exist: boolean): void {
    const type = ipSetType(typeName);
    const there = this.find(name);
    if (there !== undefined) {
      const same = there.type === type && sameOptions(there.options, options);
      if (!exist || !same) throw new IpSetFault('exists');
      return;
    }
    const initval = this.#netns.kernel.random.u32();
    this.#sets.push({ name, type, options, initval, entries: new Map(), version: 0 });
  }

  /** How many rules and lists name a set. */
  references(set: IpSet): number {
    let count = 0;
    for (const s of this.#sets)
      for (const e of s.entries.values())
        if (e.parts[0]?.name === set.name && s.type.name === 'list:set') count++;
    for (const family of ['inet', 'inet6'] as const)
      for (const t of this.#netns.netfilter.tables(family).list())
        for (const c of t.chains.values())
          for (const r of c.rules) {
            count += r.matches.filter((m) => m.kind === 'set' && m.name === set.name).length;
            count += namesIn(r.target).filter((n) => n === set.name).length;
          }
    return count;
  }

  /** @throws IpSetFault */
  destroy(name: string | undefined): void {
    const gone = name === undefined ? [...this.#sets] : [this.get(name)];
    if (gone.some((s) => this.references(s) > 0)) throw new IpSetFault('used');
    for (const s of gone) this.#sets.splice(this.#sets.indexOf(s), 1);
  }

  /** Takes all elements of one set, or of all, away. @throws IpSetFault */
  flush(name: string | undefined): void {
    for (const s of name === undefined ? this.#sets : [this.get(name)]) {
      s.entries.clear();
      s.version++;
    }
  }

  /** @throws IpSetFault */
  rename(name: string, to: string): void {
    const s = this.get(name);
    if (this.references(s) > 0) throw new IpSetFault('used');
    if (this.find(to) !== undefined) throw new IpSetFault('newname');
    s.name = to;
  }

  /** Gives each of two sets the other's name. @throws IpSetFault */
  swap(name: string, other: string): void {
    const a = this.get(name);
    const b = this.find(other);
    if (b === undefined) throw new IpSetFault('nosecond');
    if (a.type !== b.type || a.options.family !== b.options.family) throw new IpSetFault('notype');
    a.name = other;
    b.name = name;
    const [i, k] = [this.#sets.indexOf(a), this.#sets.indexOf(b)];
    this.#sets[i] = b;
    this.#sets[k] = a;
  }

  /** Forgets what has timed out. */
  collect(set: IpSet): void {
    const { now } = this.#netns.sim;
    for (const [name, e] of set.entries) {
      if (e.expires === undefined || e.expires > now) continue;
      set.entries.delete(name);
      set.version++;
    }
  }

  #expires(set: IpSet, timeout: number | undefined): number | undefined {
    const seconds = timeout ?? set.options.timeout;
    return set.options.timeout === undefined || seconds === 0 || seconds === undefined
      ? undefined
      : this.#netns.sim.now + seconds * SECOND;
  }

  #checkPart(set: IpSet, parts: readonly IpSetPart[]): void {
    const { range } = set.options;
    const [first] = parts;
    if (
      range !== undefined &&
      first !== undefined &&
      (first.value < range[0] || first.value > range[1])
    )
      throw new IpSetFault('range');
    if (set.type.name !== 'list:set' || first === undefined) return;
    const member = this.find(first.name);
    if (member === undefined) throw new IpSetFault('nomember');
    if (member.type.name === 'list:set') throw new IpSetFault('loop');
  }

  /** Adds an element. @throws IpSetFault */
  add(set: IpSet, parts: readonly IpSetPart[], o: EntryOptions): void {
    this.collect(set);
    this.#checkPart(set, parts);
    const name = entryName(parts);
    const there = set.entries.get(name);
    if (there !== undefined && !o.exist) throw new IpSetFault('present');
    const full = set.entries.size >= (set.options.size ?? set.options.maxelem);
    if (there === undefined && full && set.options.range === undefined)
      throw new IpSetFault('full');
    const entry: IpSetEntry = there ?? {
      parts,
      nomatch: false,
      expires: undefined,
      packets: 0,
      bytes: 0,
      comment: undefined,
    };
    entry.nomatch = o.nomatch ?? false;
    entry.expires = this.#expires(set, o.timeout);
    entry.packets = o.packets ?? 0;
    entry.bytes = o.bytes ?? 0;
    entry.comment = o.comment;
    this.#place(set, name, entry, o.place);
    set.version++;
  }

  /** Puts an element where it is listed: bitmaps by value, lists as asked for, others at the end. */
  #place(set: IpSet, name: string, entry: IpSetEntry, place: EntryOptions['place']): void {
    const rest = [...set.entries].filter(([n]) => n !== name);
    if (place === undefined && set.options.range === undefined) {
      set.entries.set(name, entry);
      return;
    }
    const value = entry.parts[0]?.value ?? 0n;
    const beside =
      place === undefined ? -1 : rest.findIndex(([, e]) => e.parts[0]?.name === place.name);
    if (place !== undefined && beside < 0) throw new IpSetFault('nomember');
    const at =
      place === undefined
        ? rest.filter(([, e]) => (e.parts[0]?.value ?? 0n) < value).length
        : place.where === 'before'
          ? beside
          : beside + 1;
    rest.splice(at, 0, [name, entry]);
    set.entries.clear();
    for (const [n, e] of rest) set.entries.set(n, e);
  }

  /** Takes an element away. @throws IpSetFault */
  del(set: IpSet, parts: readonly IpSetPart[], exist: boolean): void {
    this.collect(set);
    this.#checkPart(set, parts);
    if (set.entries.delete(entryName(parts))) set.version++;
    else if (!exist) throw new IpSetFault('absent');
  }

  /** Whether an element, or what holds it, is in a set. */
  test(set: IpSet, parts: readonly IpSetPart[]): boolean {
    this.collect(set);
    if (set.options.range !== undefined) this.#checkPart(set, parts);
    const exact = set.entries.get(entryName(parts));
    if (exact !== undefined) return !exact.nomatch;
    const bits = set.options.family === 'inet' ? 32 : 128;
    const holds = (e: IpSetEntry): boolean =>
      e.parts.every((p, i) => {
        const q = parts[i] as IpSetPart;
        if (set.type.dims[i] !== 'net')
          return p.value === q.value && p.extra === q.extra && p.name === q.name;
        const shift = BigInt(bits - p.extra);
        return q.extra === bits && p.value >> shift === q.value >> shift;
      });
    const found = [...set.entries.values()].filter(holds);
    const width = (e: IpSetEntry): number =>
      e.parts.reduce((sum, p, i) => sum + (set.type.dims[i] === 'net' ? p.extra : 0), 0);
    found.sort((a, b) => width(b) - width(a));
    return found[0] !== undefined && !found[0].nomatch;
  }
}

function sameOptions(a: IpSetOptions, b: IpSetOptions): boolean {
  const flat = (o: IpSetOptions): string =>
    [o.family, o.netmask, o.timeout, o.counters, o.comment, o.maxelem, o.range, o.size].join(' ');
  return flat(a) === flat(b);
}

function namesIn(t: XtTarget | undefined): string[] {
  if (t?.kind !== 'SET') return [];
  return [t.add?.name, t.del?.name].filter((n): n is string => n !== undefined);
}
