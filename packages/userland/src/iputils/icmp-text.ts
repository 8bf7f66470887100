/** What ICMP errors are called in ping's output. iputils ping/ping.c, pr_icmph() and ping6_common.c, print_icmp() */

const UNREACH: readonly string[] = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  '',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
];
const FRAG_NEEDED = 4;

const REDIRECT: readonly string[] = [
  'Redirect Network',
  'Redirect Host',
  'Redirect Type of Service and Network',
  'Redirect Type of Service and Host',
];

/** The name of an ICMP error. @param info the MTU, the pointer; @param nexthop a redirect's gateway */
export function icmpText(type: number, code: number, info: number, nexthop = ''): string {
  switch (type) {
    case 3:
      if (code === FRAG_NEEDED) return `Frag needed and DF set (mtu = ${info})`;
      return UNREACH[code] ?? `Dest Unreachable, Bad Code: ${code}`;
    case 4:
      return 'Source Quench';
    case 5:
      return `${REDIRECT[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${nexthop})`;
    case 11:
      if (code === 0) return 'Time to live exceeded';
      return code === 1 ? 'Frag reassembly time exceeded' : `Time exceeded, Bad Code: ${code}`;
    case 12:
      return `Parameter problem: pointer = ${info}`;
    default:
      return `Bad ICMP type: ${type}`;
  }
}

const UNREACH6: readonly string[] = [
  'No route',
  'Administratively prohibited',
  'Beyond scope of source address',
  'Address unreachable',
  'Port unreachable',
];
const PARAMETER6: readonly string[] = ['Wrong header field ', 'Unknown header ', 'Unknown option '];

/** The name of an ICMPv6 error. @param info the MTU or the pointer */
export function icmp6Text(type: number, code: number, info: number): string {
  switch (type) {
    case 1:
      return `Destination unreachable: ${UNREACH6[code] ?? `Unknown code ${code}`}`;
    case 2:
      return `Packet too big: mtu=${info}${code === 0 ? '' : `, code=${code}`}`;
    case 3:
      if (code === 0) return 'Time exceeded: Hop limit';
      return `Time exceeded: ${code === 1 ? 'Defragmentation failure' : `code ${code}`}`;
    case 4:
      return `Parameter problem: ${PARAMETER6[code] ?? `code ${code} `}at ${info}`;
    default:
      return `unknown icmp type: ${type}`;
  }
}
