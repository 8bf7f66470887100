/** Listings as JSON. src/json.c */
import type {
  NftChain,
  NftEvent,
  NftFlowtable,
  NftObject,
  NftRule,
  NftSet,
  NftTable,
} from '@labwire/devices/netfilter';
import { NftError } from '../lex/index.ts';
import type { Command, Ident } from '../parse/index.ts';
import type { Style } from '../type/index.ts';
import { jsonElements } from './expr.ts';
import { jsonLimit, jsonStmt } from './stmt.ts';
import { type Json, jsonText } from './value.ts';

const METAINFO: Json = {
  metainfo: { version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1 },
};

function one(names: readonly string[]): Json {
  return names.length === 1 ? (names[0] as string) : names;
}

function table(t: NftTable): Json {
  const flags = t.dormant ? 'dormant' : undefined;
  return { table: { family: t.family, name: t.name, handle: t.handle, flags, comment: t.comment } };
}

function chain(t: NftTable, c: NftChain): Json {
  const { base } = c;
  return {
    chain: {
      family: t.family,
      table: t.name,
      name: c.name,
      handle: c.handle,
      type: base?.type,
      hook: base?.hook,
      prio: base?.priority,
      dev: base === undefined || base.devices.length === 0 ? undefined : one(base.devices),
      policy: base?.policy,
    },
  };
}

function rule(t: NftTable, c: NftChain, r: NftRule, style: Style): Json {
  const stmts = r.stmts.filter((s) => !(s.kind === 'match' && s.hidden === true));
  return {
    rule: {
      family: t.family,
      table: t.name,
      chain: c.name,
      handle: r.handle,
      comment: r.comment,
      expr: stmts.map((s) => jsonStmt(s, style)),
    },
  };
}

function setFlags(s: NftSet): string[] {
  return [
    ...(s.constant ? ['constant'] : []),
    ...(s.interval ? ['interval'] : []),
    ...(s.hasTimeout ? ['timeout'] : []),
  ];
}

function set(t: NftTable, s: NftSet, style: Style): Json {
  const isMap = s.data !== undefined || s.objectType !== undefined;
  const flags = setFlags(s);
  const elem = style.terse ? [] : jsonElements(s, style);
  const body = {
    family: t.family,
    name: s.name,
    table: t.name,
    type: one(s.key.map((p) => p.type)),
    handle: s.handle,
    comment: s.comment,
    map: isMap ? (s.objectType ?? one((s.data ?? []).map((p) => p.type))) : undefined,
    policy: s.policy,
    size: s.size,
    flags: flags.length === 0 ? undefined : flags,
    timeout: s.timeout === undefined ? undefined : Math.floor(s.timeout / 1000),
    'gc-interval': s.gcInterval === undefined ? undefined : Math.floor(s.gcInterval / 1000),
    elem: elem.length === 0 ? undefined : elem,
    stmt:
      s.stmts.length === 0
        ? undefined
        : s.stmts.map((x) => jsonStmt(x, { ...style, stateless: true })),
  };
  return { [isMap ? 'map' : s.meter === true ? 'meter' : 'set']: body };
}

function objectData(o: NftObject): { readonly [key: string]: Json | undefined } {
  const { data } = o;
  switch (data.kind) {
    case 'counter':
      return { packets: data.packets, bytes: data.bytes };
    case 'quota':
      return { bytes: data.bytes, used: Math.min(data.used, data.bytes), inv: data.over };
    case 'limit': {
      const { burst, burst_unit: unit, ...rest } = jsonLimit(data);
      return { ...rest, burst, burst_unit: unit };
    }
    case 'ct helper':
      return { type: data.helper, protocol: data.protocol, l3proto: data.l3proto };
    case 'synproxy':
      return { mss: data.mss, wscale: data.wscale };
    default:
      return {};
  }
}

function object(t: NftTable, o: NftObject): Json {
  return {
    [o.type]: {
      family: t.family,
      name: o.name,
      table: t.name,
      handle: o.handle,
      comment: o.comment,
      ...objectData(o),
    },
  };
}

function flowtable(t: NftTable, f: NftFlowtable): Json {
  const dev = f.devices.length === 0 ? undefined : one(f.devices);
  return {
    flowtable: {
      family: t.family,
      name: f.name,
      table: t.name,
      handle: f.handle,
      hook: 'ingress',
      prio: f.priority,
      dev,
    },
  };
}

function elementsOf(t: NftTable, s: NftSet, style: Style): Json {
  const body = { family: t.family, table: t.name, name: s.name };
  return { element: { ...body, elem: { set: jsonElements(s, style) } } };
}

/** What has changed, as JSON. */
export function jsonEvent(e: NftEvent, style: Style): Json {
  return { [e.op]: changed(e, style) };
}

function changed(e: NftEvent, style: Style): Json {
  const { table: t } = e;
  switch (e.what) {
    case 'table':
      return table(t);
    case 'chain':
      return chain(t, e.chain);
    case 'rule':
      return rule(t, e.chain, e.rule, style);
    case 'set':
      return e.op === 'delete'
        ? {
            set: {
              family: t.family,
              name: e.set.name,
              table: t.name,
              type: 'invalid',
              handle: e.set.handle,
            },
          }
        : set(t, { ...e.set, elements: new Map() }, style);
    case 'element':
      return elementsOf(t, { ...e.set, elements: new Map([['', e.element]]) }, style);
    case 'object':
      return object(t, e.object);
    case 'flowtable':
      return flowtable(t, e.flowtable);
  }
}

function whole(t: NftTable, style: Style): Json[] {
  return [
    table(t),
    ...[...t.objects.values()].map((o) => object(t, o)),
    ...[...t.sets.values()].filter((s) => s.meter !== true).map((s) => set(t, s, style)),
    ...[...t.flowtables.values()].map((f) => flowtable(t, f)),
    ...[...t.chains.values()].map((c) => chain(t, c)),
    ...[...t.chains.values()].flatMap((c) => c.rules.map((r) => rule(t, c, r, style))),
  ];
}

/** What a command lists of one table; undefined if it asks for something that is not there. */
function part(t: NftTable, c: Command, style: Style): Json[] | undefined {
  const name = c.name?.text ?? '';
  switch (c.subject) {
    case 'ruleset':
    case 'table':
      return whole(t, style);
    case 'tables':
      return [table(t)];
    case 'chains':
      return [...t.chains.values()].map((x) => chain(t, x));
    case 'chain': {
      const own = t.chains.get(name);
      return own === undefined
        ? undefined
        : [chain(t, own), ...own.rules.map((r) => rule(t, own, r, style))];
    }
    case 'sets':
    case 'maps':
      return [...t.sets.values()]
        .filter(
          (s) =>
            s.meter !== true &&
            (s.data !== undefined || s.objectType !== undefined) === (c.subject === 'maps'),
        )
        .map((s) => set(t, s, style));
    case 'meters':
      return [...t.sets.values()].filter((s) => s.meter === true).map((s) => set(t, s, style));
    case 'meter':
    case 'set':
    case 'map': {
      const own = t.sets.get(name);
      return own === undefined ? undefined : [set(t, own, style)];
    }
    case 'objects':
      return [...t.objects.values()]
        .filter((o) => o.type === c.objectType)
        .map((o) => object(t, o));
    case 'object': {
      const own = t.objects.get(`${c.objectType} ${name}`);
      return own === undefined ? undefined : [object(t, own)];
    }
    default:
      throw new NftError(`Labwire's nft has no ${c.op} ${c.subject} as JSON`, c.loc);
  }
}

const ENOENT = 'No such file or directory';

/** The text of a listing. @throws NftError if there is no such thing */
export function jsonListing(tables: readonly NftTable[], c: Command, style: Style): string {
  const wanted = tables.filter(
    (t) =>
      (c.family === undefined || t.family === c.family) &&
      (c.table === undefined || t.name === c.table.text),
  );
  if (c.table !== undefined && wanted.length === 0) throw new NftError(ENOENT, c.table.loc);
  const items = wanted.flatMap((t) => {
    const own = part(t, c, style);
    if (own === undefined) throw new NftError(ENOENT, (c.name as Ident).loc);
    return own;
  });
  return `${jsonText({ nftables: [METAINFO, ...items] })}\n`;
}
