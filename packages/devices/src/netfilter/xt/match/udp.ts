import type { UdpMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';
import { portIn } from './port-range.ts';

/** `udp_mt()` */
export function udpMatcher(m: UdpMatch): Matcher {
  const { sports, dports } = m;
  return (p) => p.hasTransport(8) && portIn(p.sport, sports) && portIn(p.dport, dports);
}
