import { getIpv6, type Ipv6Addr, type MacAddr, putIpv6 } from '../../addr/index.ts';
import { get8, get48, getU32, put8, put32, put48 } from '../../bytes/index.ts';

/*
 * RFC 4861 section 4.6: | type | length in 8-byte units | value … |
 */

/** Option types. Linux include/net/ndisc.h, ND_OPT_*. */
export const ND_OPT_SOURCE_LL_ADDR = 1;
export const ND_OPT_TARGET_LL_ADDR = 2;
export const ND_OPT_PREFIX_INFO = 3;
export const ND_OPT_MTU = 5;
/** RFC 3971 section 5.3.2; Linux sends it in duplicate address detection, RFC 7527. */
export const ND_OPT_NONCE = 14;
/** RFC 8106. */
export const ND_OPT_RDNSS = 25;

/** A prefix information option. RFC 4861 section 4.6.2. */
export interface NdPrefix {
  readonly prefix: Ipv6Addr;
  /** Prefix length in bits. */
  readonly plen: number;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  /** Seconds; 0xffffffff for ever. */
  readonly validLifetime: number;
  /** Seconds; 0xffffffff for ever. */
  readonly preferredLifetime: number;
}

/** The options of a neighbour discovery message as a record. Options of other types are passed over. */
export interface NdOptions {
  readonly sourceLladdr?: MacAddr | undefined;
  readonly targetLladdr?: MacAddr | undefined;
  readonly mtu?: number | undefined;
  /** 6 bytes, or 8 n - 2. */
  readonly nonce?: Uint8Array | undefined;
  readonly prefixes?: readonly NdPrefix[] | undefined;
  /** Recursive DNS servers and their lifetime in seconds. */
  readonly rdnss?: { readonly lifetime: number; readonly servers: readonly Ipv6Addr[] } | undefined;
}

const LLADDR_LEN = 8;
const MTU_LEN = 8;
const PREFIX_LEN = 32;

function readPrefix(buf: Uint8Array, off: number): NdPrefix {
  const flags = get8(buf, off + 3);
  return {
    prefix: getIpv6(buf, off + 16),
    plen: get8(buf, off + 2),
    onLink: (flags & 0x80) !== 0,
    autonomous: (flags & 0x40) !== 0,
    validLifetime: getU32(buf, off + 4),
    preferredLifetime: getU32(buf, off + 8),
  };
}

function readRdnss(buf: Uint8Array, off: number, len: number): NdOptions['rdnss'] {
  const servers: Ipv6Addr[] = [];
  for (let at = off + 8; at + 16 <= off + len; at += 16) servers.push(getIpv6(buf, at));
  return { lifetime: getU32(buf, off + 4), servers };
}

/** What one option adds to the record, the first of a type counting; nothing if its length is not its type's. */
function readNdOption(buf: Uint8Array, off: number, len: number, got: NdOptions): NdOptions {
  switch (get8(buf, off)) {
    case ND_OPT_SOURCE_LL_ADDR:
      if (len !== LLADDR_LEN || got.sourceLladdr !== undefined) return {};
      return { sourceLladdr: get48(buf, off + 2) as MacAddr };
    case ND_OPT_TARGET_LL_ADDR:
      if (len !== LLADDR_LEN || got.targetLladdr !== undefined) return {};
      return { targetLladdr: get48(buf, off + 2) as MacAddr };
    case ND_OPT_MTU:
      if (len !== MTU_LEN || got.mtu !== undefined) return {};
      return { mtu: getU32(buf, off + 4) };
    case ND_OPT_NONCE:
      return got.nonce === undefined ? { nonce: buf.slice(off + 2, off + len) } : {};
    case ND_OPT_PREFIX_INFO:
      if (len !== PREFIX_LEN) return {};
      return { prefixes: [...(got.prefixes ?? []), readPrefix(buf, off)] };
    case ND_OPT_RDNSS:
      if (len < 24 || got.rdnss !== undefined) return {};
      return { rdnss: readRdnss(buf, off, len) };
    default:
      return {};
  }
}

/**
 * Reads the options in `[off, end)`. Linux net/ipv6/ndisc.c, ndisc_parse_options().
 * @returns undefined if an option has no length or reaches beyond `end`: the message is to be dropped
 */
export function readNdOptions(buf: Uint8Array, off: number, end: number): NdOptions | undefined {
  let got: NdOptions = {};
  for (let at = off; at < end; ) {
    const len = at + 1 < end ? get8(buf, at + 1) * 8 : 0;
    if (len === 0 || at + len > end) return undefined;
    got = { ...got, ...readNdOption(buf, at, len, got) };
    at += len;
  }
  return got;
}

/**
 * Whether the first link-layer address of a type, in options that {@link readNdOptions} takes, has not Ethernet's length: the
 * message is to be dropped. `ndisc_opt_addr_data()`
 */
export function isBadLladdr(buf: Uint8Array, off: number, end: number, type: number): boolean {
  for (let at = off; at < end; at += get8(buf, at + 1) * 8)
    if (get8(buf, at) === type) return get8(buf, at + 1) * 8 !== LLADDR_LEN;
  return false;
}

/** Bytes that {@link writeNdOptions} writes. */
export function ndOptionsLength(o: NdOptions): number {
  return (
    (o.sourceLladdr === undefined ? 0 : LLADDR_LEN) +
    (o.targetLladdr === undefined ? 0 : LLADDR_LEN) +
    (o.mtu === undefined ? 0 : MTU_LEN) +
    (o.nonce === undefined ? 0 : 2 + o.nonce.length) +
    (o.prefixes?.length ?? 0) * PREFIX_LEN +
    (o.rdnss === undefined ? 0 : 8 + 16 * o.rdnss.servers.length)
  );
}

function begin(buf: Uint8Array, off: number, type: number, len: number): number {
  buf.fill(0, off, off + len);
  put8(buf, off, type);
  put8(buf, off + 1, len / 8);
  return off + len;
}

function writePrefix(buf: Uint8Array, off: number, p: NdPrefix): number {
  const end = begin(buf, off, ND_OPT_PREFIX_INFO, PREFIX_LEN);
  put8(buf, off + 2, p.plen);
  put8(buf, off + 3, (p.onLink ? 0x80 : 0) | (p.autonomous ? 0x40 : 0));
  put32(buf, off + 4, p.validLifetime);
  put32(buf, off + 8, p.preferredLifetime);
  putIpv6(buf, off + 16, p.prefix);
  return end;
}

function writeLladdr(buf: Uint8Array, off: number, type: number, mac: MacAddr | undefined): number {
  if (mac === undefined) return off;
  const end = begin(buf, off, type, LLADDR_LEN);
  put48(buf, off + 2, mac);
  return end;
}

/** Writes options. @returns the bytes written */
export function writeNdOptions(buf: Uint8Array, off: number, o: NdOptions): number {
  let at = writeLladdr(buf, off, ND_OPT_SOURCE_LL_ADDR, o.sourceLladdr);
  at = writeLladdr(buf, at, ND_OPT_TARGET_LL_ADDR, o.targetLladdr);
  if (o.mtu !== undefined) {
    const end = begin(buf, at, ND_OPT_MTU, MTU_LEN);
    put32(buf, at + 4, o.mtu);
    at = end;
  }
  if (o.nonce !== undefined) {
    const end = begin(buf, at, ND_OPT_NONCE, 2 + o.nonce.length);
    buf.set(o.nonce, at + 2);
    at = end;
  }
  for (const p of o.prefixes ?? []) at = writePrefix(buf, at, p);
  if (o.rdnss !== undefined) {
    const end = begin(buf, at, ND_OPT_RDNSS, 8 + 16 * o.rdnss.servers.length);
    put32(buf, at + 4, o.rdnss.lifetime);
    for (const [i, server] of o.rdnss.servers.entries()) putIpv6(buf, at + 8 + 16 * i, server);
    at = end;
  }
  return at - off;
}
