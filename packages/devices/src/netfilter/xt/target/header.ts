import { get8, get16, put8, put16 } from '@labwire/core/bytes';
import { updateCheck16 } from '@labwire/core/wire';
import type { Action } from '../compile-chain.ts';
import { dsfield } from '../match/header-fields.ts';
import type { XtPacket } from '../packet.ts';
import type { DscpTarget, EcnTarget, TosTarget, TtlTarget } from '../target.ts';
import { NF_DROP, XT_CONTINUE } from '../verdict.ts';

const IPV4_CHECK = 10;
const ECN_BITS = 3;
const IPPROTO_TCP = 6;
const TCP_HLEN = 20;
const TCP_FLAGS = 12;
const TCP_CHECK = 16;
const TCP_ECE = 0x40;
const TCP_CWR = 0x80;

/** Writes 16 bits of an IPv4 header and mends its checksum. */
function putIpv4Word(p: XtPacket, off: number, value: number): void {
  const { buf, nh } = p.skb;
  const check = updateCheck16(get16(buf, nh + IPV4_CHECK), get16(buf, nh + off), value);
  put16(buf, nh + off, value);
  put16(buf, nh + IPV4_CHECK, check);
}

/** Sets TOS or traffic class. */
function putDsfield(p: XtPacket, value: number): void {
  const { buf, nh } = p.skb;
  if (p.isIpv6) put16(buf, nh, (get16(buf, nh) & 0xf00f) | (value << 4));
  else putIpv4Word(p, 0, (get16(buf, nh) & 0xff00) | value);
}

/** `ttl_tg()`, `hl_tg6()` */
export function ttlAction(t: TtlTarget): Action {
  return (p) => {
    const { buf, nh } = p.skb;
    const at = nh + (p.isIpv6 ? 7 : 8);
    const old = get8(buf, at);
    const wanted = t.op === 'set' ? t.value : t.op === 'inc' ? old + t.value : old - t.value;
    const ttl = Math.max(0, Math.min(255, wanted));
    if (p.isIpv6) put8(buf, at, ttl);
    else putIpv4Word(p, 8, (ttl << 8) | get8(buf, nh + 9));
    return XT_CONTINUE;
  };
}

/** `tos_tg()` */
export function tosAction(t: TosTarget): Action {
  return (p) => {
    putDsfield(p, ((dsfield(p) & ~t.mask) ^ t.value) & 0xff);
    return XT_CONTINUE;
  };
}

/** `dscp_tg()` */
export function dscpAction(t: DscpTarget): Action {
  return (p) => {
    putDsfield(p, (dsfield(p) & ECN_BITS) | (t.dscp << 2));
    return XT_CONTINUE;
  };
}

/** What becomes of ECE (0x40) or CWR (0x80). */
function ecnFlag(word: number, bit: number, set: number | undefined): number {
  if (set === undefined) return word;
  return set === 1 ? word | bit : word & ~bit;
}

/** `set_ect_tcp()` */
function setTcpEcn(p: XtPacket, t: EcnTarget): void {
  const { buf } = p.skb;
  const at = p.thoff + TCP_FLAGS;
  const old = get16(buf, at);
  const value = ecnFlag(ecnFlag(old, TCP_ECE, t.ece), TCP_CWR, t.cwr);
  if (value === old) return;
  put16(buf, p.thoff + TCP_CHECK, updateCheck16(get16(buf, p.thoff + TCP_CHECK), old, value));
  put16(buf, at, value);
}

/** `ecn_tg()` */
export function ecnAction(t: EcnTarget): Action {
  const tcp = t.ece !== undefined || t.cwr !== undefined;
  return (p) => {
    if (t.ect !== undefined) putDsfield(p, (dsfield(p) & ~ECN_BITS) | t.ect);
    if (!tcp || p.proto !== IPPROTO_TCP) return XT_CONTINUE;
    if (!p.hasTransport(TCP_HLEN)) return NF_DROP;
    setTcpEcn(p, t);
    return XT_CONTINUE;
  };
}
