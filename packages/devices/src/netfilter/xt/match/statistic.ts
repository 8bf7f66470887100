import type { StatisticMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

/** `statistic_mt()` */
export function statisticMatcher(m: StatisticMatch): Matcher {
  const { mode, probability, every, packet, invert } = m;
  let count = every - packet - 1;
  return (p) => {
    if (mode === 'random') {
      return (p.netns.kernel.random.u32() & 0x7fff_ffff) < probability !== invert;
    }
    count++;
    const hit = count >= every;
    if (hit) count = 0;
    return hit !== invert;
  };
}
