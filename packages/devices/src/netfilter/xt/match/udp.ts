import type { UdpMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';
import { nativePortsIn, portIn } from './port-range.ts';

/** `udp_mt()`; with ports nf_tables reads them itself. */
export function udpMatcher(m: UdpMatch): Matcher {
  const { sports, dports } = m;
  if (sports !== undefined || dports !== undefined) return nativePortsIn(sports, dports);
  return (p) => p.hasTransport(8) && portIn(p.sport, sports) && portIn(p.dport, dports);
}
