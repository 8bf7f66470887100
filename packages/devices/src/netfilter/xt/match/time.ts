import { SEC } from '@labwire/core/sim';
import type { TimeMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

const DAY = 86_400;
const ALL_DAYS = 0xfe;

/** Day of the month of a day counted from the epoch. Civil-from-days, H. Hinnant's algorithm. */
function dayOfMonth(days: number): number {
  const z = days + 719_468;
  const doe = z - Math.floor(z / 146_097) * 146_097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  return doy - Math.floor((153 * mp + 2) / 5) + 1;
}

/** Whether the time of day lies in the rule's, which may go over midnight. */
function inDaytime(m: TimeMatch, t: number): boolean {
  if (m.daytimeStart <= m.daytimeStop) return t >= m.daytimeStart && t <= m.daytimeStop;
  return t >= m.daytimeStart || t <= m.daytimeStop;
}

/**
 * `time_mt()`. `epoch`: seconds since 1970 at simulated time 0. The kernel's time zone is UTC.
 */
export function timeMatcher(m: TimeMatch, epoch: () => number): Matcher {
  return (p) => {
    const now = epoch() + Math.floor(p.netns.sim.now / SEC);
    if (now < m.dateStart || now > m.dateStop) return false;
    const time = now % DAY;
    if (!inDaytime(m, time)) return false;
    // with --contiguous a night counts as part of the day on which it began
    const early = m.contiguous && m.daytimeStart > m.daytimeStop && time <= m.daytimeStop;
    const days = Math.floor(now / DAY) - (early ? 1 : 0);
    const weekday = ((days + 3) % 7) + 1; // the epoch was a Thursday; Monday is 1
    if (((m.weekdays || ALL_DAYS) & (1 << weekday)) === 0) return false;
    return m.monthdays === 0 || (m.monthdays & (1 << dayOfMonth(days))) !== 0;
  };
}
