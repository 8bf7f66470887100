/** What a header needs to be there, and what a match says of the headers. src/payload.c, src/evaluate.c, src/proto.c */
import type { NftExpr, NftPayload } from '@labwire/devices/netfilter';
import type { Loc } from '../lex/index.ts';
import { ETHER_TYPES, fieldOf, HEADERS, META, TRANSPORT } from '../proto/index.ts';
import { fail, type RuleContext } from './context.ts';
import { valueSet } from './new-set.ts';

const ARPHRD_ETHER = 1;
const NFPROTO: Readonly<Record<string, number>> = { ip: 2, ip6: 10 };

function metaExpr(key: string): NftExpr {
  const { bits, type } = META[key] as { bits: number; type: string };
  return { kind: 'meta', key, bits, type };
}

function payloadExpr(proto: string, field: string, base: NftPayload['base'], skip = 0): NftPayload {
  const f = fieldOf(proto, field) as { offset: number; bits: number; type: string };
  return {
    kind: 'payload',
    base,
    offset: f.offset + skip,
    bits: f.bits,
    type: f.type,
    proto,
    field,
  };
}

/** Makes sure that a header's field can be read: adds what it depends on. `__expr_evaluate_payload()` */
export function needHeader(ctx: RuleContext, e: NftPayload, loc: Loc): NftPayload {
  if (e.proto === '' || e.proto === 'th') return e;
  if (e.base === 'link') return needLink(ctx, e, loc);
  if (e.base === 'network') {
    needNetwork(ctx, e.proto, loc);
    return e;
  }
  needTransport(ctx, e.proto, loc);
  needIcmpType(ctx, e);
  return e;
}

/** The field that a piece of the packet is, where its header is known. `payload_expr_complete()`, `payload_init_raw()` */
export function namedPayload(ctx: RuleContext, e: NftPayload): NftPayload {
  const p = ctx.protocols;
  const single = p.transports.length === 1 ? p.transport : undefined;
  const known = e.base === 'network' ? p.network : e.base === 'transport' ? single : undefined;
  const proto = known ?? (e.base === 'link' && p.link === 'ether' ? 'ether' : undefined);
  const field = proto === undefined ? undefined : fieldAt(proto, e);
  if (field !== undefined && proto !== undefined) return { ...e, proto, ...field };
  if (e.base !== 'transport') return e;
  const port = fieldAt('th', e);
  return port === undefined ? e : { ...e, proto: 'th', ...port };
}

function fieldAt(
  proto: string,
  { offset, bits }: NftPayload,
): { readonly field: string; readonly type: string } | undefined {
  const f = HEADERS[proto]?.fields.find((x) => x.offset === offset && x.bits === bits);
  return f === undefined ? undefined : { field: f.name, type: f.type };
}

function conflict(a: string, b: string, loc: Loc): never {
  fail(`conflicting protocols specified: ${a} vs. ${b}`, loc);
}

const VLAN_BITS = 32;
const ETHER_BITS = 112;

function needLink(ctx: RuleContext, e: NftPayload, loc: Loc): NftPayload {
  const p = ctx.protocols;
  const wasEther = p.link === 'ether';
  if (!wasEther) {
    ctx.depend(metaExpr('iiftype'), ARPHRD_ETHER);
    p.link = 'ether';
    p.linkLoc = loc;
  }
  if (e.proto === 'ether') return e;
  if (p.vlans === 0) {
    if (wasEther && p.network !== undefined) conflict('ether', 'vlan', loc);
    ctx.depend(payloadExpr('ether', 'type', 'link'), ETHER_TYPES.vlan as number);
    p.vlans = 1;
  }
  return { ...e, offset: e.offset + ETHER_BITS + (p.vlans - 1) * VLAN_BITS };
}

/** The network header that a transport header, or an option, belongs to. */
export function needNetwork(ctx: RuleContext, proto: string, loc: Loc): void {
  const p = ctx.protocols;
  if (p.network === proto) return;
  if (p.network !== undefined) conflict(p.network, proto, loc);
  if (ctx.family === 'inet' && p.link !== 'ether') {
    const n = NFPROTO[proto];
    if (n === undefined) conflict('inet', proto, loc);
    ctx.depend(metaExpr('nfproto'), n);
  } else {
    const n = ETHER_TYPES[proto];
    if (n === undefined) conflict('ether', proto, loc);
    const inFrame = ctx.family === 'bridge' ? proto === 'arp' : p.link === 'ether';
    const left = inFrame ? payloadExpr('ether', 'type', 'link') : metaExpr('protocol');
    ctx.depend(p.vlans > 0 ? payloadExpr('vlan', 'type', 'link', ETHER_BITS) : left, n);
  }
  p.network = proto;
  p.networkLoc = loc;
}

function needTransport(ctx: RuleContext, proto: string, loc: Loc): void {
  const p = ctx.protocols;
  if (p.transports.length > 1) conflict(p.transports.find((t) => t !== proto) ?? proto, proto, loc);
  if (p.transport === proto) return;
  if (p.transport !== undefined) conflict(p.transport, proto, loc);
  const anyNetwork = ctx.family === 'inet' || ctx.family === 'bridge' || ctx.family === 'netdev';
  if (p.network === 'arp') conflict('arp', proto, loc);
  if (anyNetwork && p.network === undefined) {
    if (proto === 'icmp' || proto === 'igmp') needNetwork(ctx, 'ip', loc);
    if (proto === 'icmpv6') needNetwork(ctx, 'ip6', loc);
  }
  ctx.depend(metaExpr('l4proto'), TRANSPORT[proto] as number);
  p.transport = proto;
  p.transports = [proto];
  p.transportLoc = loc;
}

/** Fields that only some messages have. `payload_gen_icmp_dependency()` */
function needIcmpType(ctx: RuleContext, e: NftPayload): void {
  const types = fieldOf(e.proto, e.field)?.icmp;
  if (types === undefined || ctx.protocols.icmpType) return;
  ctx.protocols.icmpType = true;
  const left = payloadExpr(e.proto, 'type', 'transport');
  if (types.length === 1) {
    ctx.depend(left, types[0] as number);
    return;
  }
  ctx.stmts.push({ kind: 'match', op: '==', left, right: valueSet(left, types) });
}

const BY_NFPROTO: Readonly<Record<number, string>> = { 2: 'ip', 10: 'ip6' };

function transportOf(n: number): string | undefined {
  return Object.entries(TRANSPORT).find(([, v]) => v === n)?.[0];
}

function networkOf(n: number): string | undefined {
  return Object.entries(ETHER_TYPES).find(([, v]) => v === n)?.[0];
}

/** Notes what a match on `==` says of the packet's headers. `relational_expr_pctx_update()` */
export function learnProtocols(
  ctx: RuleContext,
  left: NftExpr,
  values: readonly bigint[],
  loc: Loc,
): void {
  for (const v of values) learnOne(ctx, left, Number(v), loc);
}

/** Whether the family's packets have a link layer that says what they are. */
function inFrame(ctx: RuleContext): boolean {
  return ctx.family === 'bridge' || ctx.family === 'netdev';
}

function learnOne(ctx: RuleContext, left: NftExpr, n: number, loc: Loc): void {
  const p = ctx.protocols;
  const network = (name: string | undefined): void => {
    if (name === undefined) return;
    p.network = name;
    p.networkLoc = loc;
  };
  const transport = (name: string | undefined): void => {
    if (name === undefined) return;
    if (!p.transports.includes(name)) p.transports.push(name);
    p.transport = name;
    p.transportLoc = loc;
  };
  if (left.kind === 'meta') {
    if (left.key === 'nfproto') network(BY_NFPROTO[n]);
    else if (left.key === 'l4proto') transport(transportOf(n));
    else if (left.key === 'protocol' && inFrame(ctx)) network(networkOf(n));
    else if (left.key === 'iiftype' && n === ARPHRD_ETHER && p.link !== 'ether') p.link = 'ether';
  } else if (left.kind === 'payload') {
    const key = `${left.proto} ${left.field}`;
    if (key === 'ip protocol' || key === 'ip6 nexthdr') transport(transportOf(n));
    else if (key === 'icmp type' || key === 'icmpv6 type') p.icmpType = true;
    else if (key === 'ether type' || key === 'vlan type') {
      if (n === 0x8100 || n === 0x88a8) p.vlans++;
      else network(networkOf(n));
    }
  } else if (left.kind === 'ct' && left.key === 'l3proto') network(BY_NFPROTO[n]);
}
