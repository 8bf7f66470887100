import { KernelError } from '@labwire/core/error';

/** The kinds of tunnels over IPv4, as `type` and IFLA_INFO_KIND call them. */
export type TunnelKind = 'ipip' | 'gre' | 'gretap' | 'sit';

/** Flags of a GRE header. RFC 2784, RFC 2890; Linux include/uapi/linux/if_tunnel.h */
export const GRE_CSUM = 0x8000;
export const GRE_KEY = 0x2000;
export const GRE_SEQ = 0x1000;

/** What a tunnel is told: Linux `struct ip_tunnel_parm`. Addresses are unsigned 32-bit numbers, 0 for any. */
export interface TunnelParms {
  readonly local: number;
  readonly remote: number;
  /** 0: that of the packet inside. */
  readonly ttl: number;
  /** Bit 0: that of the packet inside. */
  readonly tos: number;
  readonly pmtudisc: boolean;
  /** The device that it sends out of; 0 for that of the route. */
  readonly link: number;
  /** IPPROTO_* of what is inside, of ipip and sit; 0 for any. */
  readonly proto: number;
  /** GRE_*, of packets in and out. */
  readonly iflags: number;
  readonly oflags: number;
  readonly ikey: number;
  readonly okey: number;
  readonly ignoreDf: boolean;
}

/** Attributes as users give them, by IFLA_* name. */
export type TunnelData = Readonly<Record<string, unknown>>;

const IPPROTO_IPIP = 4;
const IPPROTO_IPV6 = 41;
/** What a sit tunnel's TTL is unless it is said. */
const SIT_TTL = 64;

/** What cannot be asked for. */
const REFUSED = ['collect_metadata', 'encap_type', 'fwmark', '6rd-prefix', 'isatap'];

/** What a new tunnel of a kind begins with. */
export function plainParms(kind: TunnelKind): TunnelParms {
  return {
    local: 0,
    remote: 0,
    ttl: kind === 'sit' ? SIT_TTL : 0,
    tos: 0,
    pmtudisc: true,
    link: 0,
    proto: 0,
    iflags: 0,
    oflags: 0,
    ikey: 0,
    okey: 0,
    ignoreDf: false,
  };
}

/**
 * Puts what a user asks for on what a tunnel has. `ipip_netlink_parms()`, `ipgre_netlink_parms()`
 * @throws {@link KernelError} EINVAL; EOPNOTSUPP for what Labwire has not
 */
export function tunnelParms(kind: TunnelKind, data: TunnelData, old: TunnelParms): TunnelParms {
  for (const name of REFUSED)
    if (data[name] !== undefined)
      throw new KernelError('EOPNOTSUPP', `Labwire's tunnels have no ${name}`);
  const number = (name: string, otherwise: number) =>
    data[name] === undefined ? otherwise : Number(data[name]) >>> 0;
  const parms: TunnelParms = {
    local: number('local', old.local),
    remote: number('remote', old.remote),
    ttl: number('ttl', old.ttl),
    tos: number('tos', old.tos),
    pmtudisc: data.pmtudisc === undefined ? old.pmtudisc : Number(data.pmtudisc) !== 0,
    link: number('link', old.link),
    proto: number('proto', old.proto),
    iflags: number('iflags', old.iflags),
    oflags: number('oflags', old.oflags),
    ikey: number('ikey', old.ikey),
    okey: number('okey', old.okey),
    ignoreDf: data.ignore_df === undefined ? old.ignoreDf : Number(data.ignore_df) !== 0,
  };
  check(kind, parms);
  return parms;
}

function check(kind: TunnelKind, { ttl, pmtudisc, proto, remote, ignoreDf }: TunnelParms): void {
  // a fixed TTL goes with path MTU discovery only, or packets could go round and round
  if (ttl !== 0 && !pmtudisc) throw new KernelError('EINVAL');
  if (ignoreDf && pmtudisc) throw new KernelError('EINVAL');
  if (remote >>> 28 === 0xe)
    throw new KernelError('EOPNOTSUPP', "Labwire's tunnels have no groups");
  const known = kind === 'sit' ? [0, IPPROTO_IPIP, IPPROTO_IPV6] : [0, IPPROTO_IPIP];
  if (!known.includes(proto)) throw new KernelError('EINVAL');
}

/** Bytes of a GRE header with such flags. `gre_calc_hlen()` */
export function greHlen(flags: number): number {
  let length = 4;
  if ((flags & GRE_CSUM) !== 0) length += 4;
  if ((flags & GRE_KEY) !== 0) length += 4;
  if ((flags & GRE_SEQ) !== 0) length += 4;
  return length;
}
