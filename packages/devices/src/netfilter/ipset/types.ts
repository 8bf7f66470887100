/** The types of sets: what their elements are made of. Linux net/netfilter/ipset/ip_set_*.c */
import { IpSetFault } from './fault.ts';

/** One part of an element. `set`: a set of a list. */
export type IpSetDim = 'ip' | 'net' | 'port' | 'iface' | 'mac' | 'set';

/** A type of set. */
export interface IpSetType {
  readonly name: string;
  readonly dims: readonly IpSetDim[];
  readonly revision: number;
  /** Bytes of memory that the kernel tells of an empty set, and of an element. */
  readonly memory: readonly [empty: number, element: number];
}

const TYPES: readonly IpSetType[] = [
  { name: 'hash:ip', dims: ['ip'], revision: 6, memory: [216, 80] },
  { name: 'hash:net', dims: ['net'], revision: 7, memory: [472, 80] },
  { name: 'hash:ip,port', dims: ['ip', 'port'], revision: 7, memory: [216, 80] },
  { name: 'hash:net,port', dims: ['net', 'port'], revision: 8, memory: [472, 80] },
  { name: 'hash:ip,port,ip', dims: ['ip', 'port', 'ip'], revision: 6, memory: [216, 80] },
  { name: 'hash:ip,port,net', dims: ['ip', 'port', 'net'], revision: 8, memory: [472, 80] },
  { name: 'hash:net,net', dims: ['net', 'net'], revision: 4, memory: [728, 80] },
  { name: 'hash:net,iface', dims: ['net', 'iface'], revision: 8, memory: [520, 56] },
  { name: 'hash:mac', dims: ['mac'], revision: 1, memory: [216, 80] },
  { name: 'hash:ip,mac', dims: ['ip', 'mac'], revision: 1, memory: [216, 80] },
  { name: 'bitmap:ip', dims: ['ip'], revision: 3, memory: [120, 0] },
  { name: 'bitmap:port', dims: ['port'], revision: 3, memory: [200, 0] },
  { name: 'list:set', dims: ['set'], revision: 3, memory: [80, 48] },
];

/** A type by its name. @throws IpSetFault if there is none */
export function ipSetType(name: string): IpSetType {
  const t = TYPES.find((x) => x.name === name);
  if (t === undefined) throw new IpSetFault('type');
  return t;
}

/** The names of all types. */
export const IP_SET_TYPES: readonly string[] = TYPES.map((t) => t.name);
