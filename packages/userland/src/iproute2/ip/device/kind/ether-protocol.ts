import { parseUnsigned } from '../../../parse/index.ts';

/** ETH_P_* that VLANs are asked for. Linux include/uapi/linux/if_ether.h. */
const PROTOCOLS: readonly (readonly [number, string])[] = [
  [0x0800, 'ip'],
  [0x0806, 'arp'],
  [0x8100, '802.1Q'],
  [0x88a8, '802.1ad'],
  [0x86dd, 'ipv6'],
  [0x88cc, 'LLDP'],
  [0x0800, 'ipv4'],
  [0x0003, 'all'],
];

/** Source: iproute2 lib/ll_proto.c, ll_proto_n2a(). */
export function etherProtocolName(protocol: number): string {
  return PROTOCOLS.find(([n]) => n === protocol)?.[1] ?? `[${protocol}]`;
}

/** Reads a name in any case, or a number. Source: lib/ll_proto.c, ll_proto_a2n(). @returns undefined if it is none */
export function parseEtherProtocol(text: string): number | undefined {
  const byName = PROTOCOLS.find(([, name]) => name.toLowerCase() === text.toLowerCase());
  return byName?.[0] ?? parseUnsigned(text, 0xffff);
}
