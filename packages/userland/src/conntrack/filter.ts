/** Which entries a command line means. conntrack-tools src/conntrack.c nfct_filter(), libnetfilter_conntrack compare.c */
import {
  type CtInfo,
  IPS_DST_NAT_DONE,
  IPS_SRC_NAT_DONE,
  isIcmp,
  sameAddr,
  type Tuple,
  ZONE_DIR_BOTH,
  ZONE_DIR_ORIG,
  ZONE_DIR_REPLY,
} from '@labwire/devices/conntrack';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { CommandLine, Template, TupleWish } from './command-line/index.ts';
import { COMPARISON, inNetwork } from './command-line/index.ts';
import { parameterProblem } from './error.ts';

/** A mask without the address that it is of is an error. `nfct_filter_init()` */
export function checkMasks({ given }: CommandLine): void {
  if (given.has('{') && !given.has('s'))
    throw parameterProblem("Can't use --mask-src without --src");
  if (given.has('}') && !given.has('d'))
    throw parameterProblem("Can't use --mask-dst without --dst");
}

/** Whether an entry's source differs in its answers: the address, or the port. NFCT_GOPT_IS_SNAT, NFCT_GOPT_IS_SPAT */
export function isSnat(ct: CtInfo): boolean {
  return (ct.status & IPS_SRC_NAT_DONE) !== 0 && !sameAddr(ct.reply.dst, ct.orig.src);
}

/** The same of the destination. NFCT_GOPT_IS_DNAT */
export function isDnat(ct: CtInfo): boolean {
  return (ct.status & IPS_DST_NAT_DONE) !== 0 && !sameAddr(ct.reply.src, ct.orig.dst);
}

const isSpat = (ct: CtInfo): boolean =>
  (ct.status & IPS_SRC_NAT_DONE) !== 0 &&
  !isIcmp(ct.orig.proto) &&
  ct.reply.dport !== ct.orig.sport;
const isDpat = (ct: CtInfo): boolean =>
  (ct.status & IPS_DST_NAT_DONE) !== 0 &&
  !isIcmp(ct.orig.proto) &&
  ct.reply.sport !== ct.orig.dport;

/** IPv6 addresses are not looked at here: what is left decides. */
function natEnd(
  wish: { readonly addr?: InetAddr; readonly port?: number },
  addr: InetAddr,
  port: number,
  moved: { readonly addr: boolean; readonly port: boolean },
): boolean {
  const wanted = typeof wish.addr === 'number' ? wish.addr : undefined;
  if (wanted === undefined && wish.port === undefined) return moved.addr || moved.port;
  if (wanted !== undefined && !(moved.addr && sameAddr(wanted, addr))) return false;
  return wish.port === undefined || (moved.port && wish.port === port);
}

/** `filter_nat()` */
export function passesNat({ given, template }: CommandLine, ct: CtInfo): boolean {
  const src = natEnd(template.snat, ct.reply.dst, ct.reply.dport, {
    addr: isSnat(ct),
    port: isSpat(ct),
  });
  const dst = natEnd(template.dnat, ct.reply.src, ct.reply.sport, {
    addr: isDnat(ct),
    port: isDpat(ct),
  });
  if (given.has('j')) return src || dst;
  return (!given.has('n') || src) && (!given.has('g') || dst);
}

/** `filter_network()` */
export function passesNetwork({ given, template: t }: CommandLine, ct: CtInfo): boolean {
  const within = (addr: InetAddr, net: InetAddr | undefined, mask: InetAddr | undefined): boolean =>
    net === undefined || mask === undefined || inNetwork(addr, net, mask);
  if (given.has('{') && !within(ct.orig.src, t.orig.src, t.mask.src)) return false;
  return !given.has('}') || within(ct.orig.dst, t.orig.dst, t.mask.dst);
}

/** Whether the ends are as wished. `__cmp_orig()`, `cmp_repl()` */
function sameEnds(
  wish: TupleWish,
  ct: CtInfo,
  tuple: Tuple,
  t: Template,
  masked: { readonly src: boolean; readonly dst: boolean },
): boolean {
  if (wish.family !== undefined && wish.family !== ct.family) return false;
  if (wish.proto !== undefined) {
    if (wish.proto !== tuple.proto) return false;
    if (isIcmp(wish.proto)) {
      if (!sameIcmp(ct.orig, t)) return false;
    } else if (wish.sport !== undefined && wish.sport !== tuple.sport) return false;
    else if (wish.dport !== undefined && wish.dport !== tuple.dport) return false;
  }
  if (!masked.src && wish.src !== undefined && !sameAddr(wish.src, tuple.src)) return false;
  return masked.dst || wish.dst === undefined || sameAddr(wish.dst, tuple.dst);
}

function sameIcmp(orig: Tuple, t: Template): boolean {
  return (
    (t.icmpId === undefined || t.icmpId === orig.sport) &&
    (t.icmpType === undefined || t.icmpType === orig.dport >>> 8) &&
    (t.icmpCode === undefined || t.icmpCode === (orig.dport & 0xff))
  );
}

/** Whether the origin of an entry is as wished. */
export function sameOrig({ given, template: t }: CommandLine, ct: CtInfo): boolean {
  if (t.spoilt) return false;
  return sameEnds(t.orig, ct, ct.orig, t, { src: given.has('{'), dst: given.has('}') });
}

/** Whether the answers of an entry are as wished. */
export function sameReply({ template: t }: CommandLine, ct: CtInfo): boolean {
  return sameEnds(t.reply, ct, ct.reply, t, { src: false, dst: false });
}

/** The zone of an entry as one option shows it; undefined where it is not shown. */
export function zoneShown(ct: CtInfo, dirs: number): number | undefined {
  return ct.zone !== 0 && ct.zoneDirs === dirs ? ct.zone : undefined;
}

/** `cmp_meta()` */
export function sameMeta(t: Template, ct: CtInfo): boolean {
  const is = (wish: number | undefined, value: number | undefined): boolean =>
    wish === undefined || wish === value;
  return (
    is(t.id, ct.id) &&
    is(t.timeout, ct.timeout) &&
    (t.status === undefined || (t.status & ct.status) === t.status) &&
    is(t.state, ct.state) &&
    is(t.zone, zoneShown(ct, ZONE_DIR_BOTH)) &&
    is(t.origZone, zoneShown(ct, ZONE_DIR_ORIG)) &&
    is(t.replyZone, zoneShown(ct, ZONE_DIR_REPLY))
  );
}

/** `mark_cmp()` */
export function passesMark({ given, template: { mark } }: CommandLine, ct: CtInfo): boolean {
  return !given.has('m') || (ct.mark & mark.mask) >>> 0 === mark.value >>> 0;
}

/** Whether an entry is meant. `nfct_filter()` */
export function passes(line: CommandLine, ct: CtInfo): boolean {
  if (!passesNat(line, ct) || !passesMark(line, ct) || !passesNetwork(line, ct)) return false;
  if (![...COMPARISON].some((letter) => line.given.has(letter))) return true;
  return sameMeta(line.template, ct) && sameOrig(line, ct) && sameReply(line, ct);
}
