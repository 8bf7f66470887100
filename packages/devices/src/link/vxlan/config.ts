import { type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { InetAddr } from '../../rtnetlink/types.ts';

/** IFLA_VXLAN_* by name in lower case. */
export type VxlanData = Readonly<Record<string, unknown>>;

/** What a VXLAN device is. Linux `struct vxlan_config` */
export interface VxlanConfig {
  readonly vni: number;
  /** The other end, or a group; 0 for none. */
  readonly remote: number;
  /** Our address; 0 for that of the route. */
  readonly local: number;
  readonly port: number;
  /** Range of source ports; zeros for the system's. */
  readonly portRange: { readonly low: number; readonly high: number };
  readonly ttl: number;
  readonly ttlInherit: boolean;
  /** 1: as the packet inside. */
  readonly tos: number;
  /** 0 unset, 1 set, 2 as the packet inside. */
  readonly df: number;
  readonly learning: boolean;
  /** Seconds. */
  readonly ageing: number;
  /** Stations that it learns at most; 0 for any number. */
  readonly limit: number;
  readonly udpCsum: boolean;
}

/** The port that the kernel takes if none is given: the one from before RFC 7348. */
const DEFAULT_PORT = 8472;
const DEFAULT_AGEING = 300;
const MAX_VNI = 0xff_ffff;
/** Attributes that Labwire does not act on; all are off. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  proxy: 'proxy',
  rsc: 'rsc',
  l2miss: 'l2miss',
  l3miss: 'l3miss',
  remcsum_tx: 'remcsumtx',
  remcsum_rx: 'remcsumrx',
  collect_metadata: 'external',
  vnifilter: 'vnifilter',
  gbp: 'gbp',
  gpe: 'gpe',
  label: 'flowlabel',
  udp_zero_csum6_tx: 'udp6zerocsumtx',
  udp_zero_csum6_rx: 'udp6zerocsumrx',
};

function ipv4(addr: unknown, what: string): number {
  if (addr === undefined) return 0;
  if (typeof (addr as InetAddr) === 'number') return addr as number;
  throw new KernelError('EOPNOTSUPP', `Labwire's vxlan has no IPv6 ${what} address`);
}

/** Reads and checks the attributes of a device, those that are absent as in `old`. @throws {@link KernelError} with the kernel's words */
export function vxlanConfig(data: VxlanData, old?: VxlanConfig): VxlanConfig {
  for (const [attr, name] of Object.entries(UNSUPPORTED))
    if (Number(data[attr] ?? 0) !== 0)
      throw new KernelError('EOPNOTSUPP', `Labwire's vxlan has no ${name}`);
  const vni = Number(data.id ?? old?.vni ?? 0);
  if (vni > MAX_VNI) throw new KernelError('ERANGE', 'VXLAN ID must be lower than 16777216');
  const range = data.port_range as { low: number; high: number } | undefined;
  if (range !== undefined && range.high < range.low)
    throw new KernelError('EINVAL', 'Invalid source port range');
  return {
    vni,
    remote: data.group === undefined ? (old?.remote ?? 0) : ipv4(data.group, 'remote'),
    local: data.local === undefined ? (old?.local ?? 0) : ipv4(data.local, 'local'),
    port: Number(data.port ?? old?.port ?? DEFAULT_PORT),
    portRange: range ?? old?.portRange ?? { low: 0, high: 0 },
    ttl: Number(data.ttl ?? old?.ttl ?? 0),
    ttlInherit: Number(data.ttl_inherit ?? old?.ttlInherit ?? 0) !== 0,
    tos: Number(data.tos ?? old?.tos ?? 0),
    df: Number(data.df ?? old?.df ?? 0),
    learning: Number(data.learning ?? old?.learning ?? 1) !== 0,
    ageing: Number(data.ageing ?? old?.ageing ?? DEFAULT_AGEING),
    limit: Number(data.limit ?? old?.limit ?? 0),
    udpCsum: Number(data.udp_csum ?? old?.udpCsum ?? 1) !== 0,
  };
}

/** Whether the other end is a group. */
export function isGroup(config: VxlanConfig): boolean {
  return isMulticast4(config.remote as Ipv4Addr);
}
