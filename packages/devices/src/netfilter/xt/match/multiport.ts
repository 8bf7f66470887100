import type { MultiportMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

/** `multiport_mt()` */
export function multiportMatcher(m: MultiportMatch): Matcher {
  const { ports, which, invert } = m;
  const among = (port: number): boolean => {
    for (let i = 0; i < ports.length; i++) {
      const r = ports[i];
      if (r !== undefined && port >= r.min && port <= r.max) return true;
    }
    return false;
  };
  return (p) => {
    if (!p.hasTransport(4) || p.sport < 0) return false;
    const hit =
      which === 'source'
        ? among(p.sport)
        : which === 'destination'
          ? among(p.dport)
          : among(p.sport) || among(p.dport);
    return hit !== invert;
  };
}
