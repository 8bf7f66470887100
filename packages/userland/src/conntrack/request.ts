/** What a command line says of a connection, as the kernel is asked for it. libnetfilter_conntrack src/conntrack/{build,objopt}.c */
import { KernelError } from '@labwire/core/error';
import {
  type CtRequest,
  isIcmp,
  type NatWish,
  type Tuple,
  ZONE_DIR_BOTH,
  ZONE_DIR_ORIG,
  ZONE_DIR_REPLY,
} from '@labwire/devices/conntrack';
import type { CommandLine, Template, TupleWish } from './command-line/index.ts';
import { answerType, protocolOf } from './command-line/index.ts';

/** The other direction of what was said. NFCT_SOPT_SETUP_REPLY, NFCT_SOPT_SETUP_ORIGINAL */
function turned(w: TupleWish): TupleWish {
  return {
    ...(w.dst === undefined ? {} : { src: w.dst }),
    ...(w.src === undefined ? {} : { dst: w.src }),
    ...(w.proto === undefined ? {} : { proto: w.proto }),
    sport: w.dport ?? 0,
    dport: w.sport ?? 0,
  };
}

/** @returns undefined for an end without an address or a protocol, which the kernel makes nothing of */
function tupleOf(w: TupleWish, t: Template, isReply: boolean): Tuple | undefined {
  const { src, dst, proto } = w;
  if (src === undefined || dst === undefined || proto === undefined) return undefined;
  if (isIcmp(proto)) {
    const type = t.icmpType ?? 0;
    const shown = isReply ? answerType(proto, type) : type;
    return { src, dst, proto, sport: t.icmpId ?? 0, dport: (shown << 8) | (t.icmpCode ?? 0) };
  }
  const protocol = protocolOf(proto);
  const hasPorts = protocol !== undefined && protocol.name !== 'dccp';
  return {
    src,
    dst,
    proto,
    sport: hasPorts ? (w.sport ?? 0) : 0,
    dport: hasPorts ? (w.dport ?? 0) : 0,
  };
}

/** The zone of a request. @throws KernelError EINVAL for more than one */
function zoneOf(t: Template): { zone: number; zoneDirs: number } {
  const all = [
    [t.zone, ZONE_DIR_BOTH],
    [t.origZone, ZONE_DIR_ORIG],
    [t.replyZone, ZONE_DIR_REPLY],
  ] as const;
  const given = all.filter(([id]) => id !== undefined);
  if (given.length > 1) throw new KernelError('EINVAL');
  const [zone = 0, zoneDirs] = given[0] ?? [0, ZONE_DIR_BOTH];
  return { zone, zoneDirs };
}

function natWish(w: Template['snat']): NatWish | undefined {
  if (w.addr === undefined && w.port === undefined) return undefined;
  return { addr: w.addr, port: w.port };
}

/** A connection to be made. */
export function createRequest({ given, template: t }: CommandLine): CtRequest {
  const hasOrig = given.has('s') || given.has('d');
  const hasReply = given.has('r') || given.has('q');
  const orig = hasOrig ? t.orig : turned(t.reply);
  const reply = hasReply ? t.reply : turned(t.orig);
  return {
    orig: tupleOf(orig, t, false),
    reply: tupleOf(reply, t, true),
    ...zoneOf(t),
    timeout: t.timeout,
    status: t.status,
    state: t.state,
    vtags: t.vtags,
    mark: given.has('m') ? t.mark.value : undefined,
    snat: natWish(t.snat),
    dnat: natWish(t.dnat),
  };
}

/** A connection to be found. */
export function getRequest({ template: t }: CommandLine): CtRequest {
  return { orig: tupleOf(t.orig, t, false), reply: undefined, ...zoneOf(t), id: t.id };
}
