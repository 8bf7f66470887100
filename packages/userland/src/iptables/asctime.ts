import { civilTime } from '../coreutils/date-format.ts';
import type { Process } from '../machine/index.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The machine's time as ctime(3) prints it: `Sat Nov 21 11:33:45 2026`. */
export function asctime(proc: Process): string {
  const t = civilTime(proc.machine.wallClock);
  const two = (n: number): string => String(n).padStart(2, '0');
  const clock = `${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
  return `${DAYS[t.weekday]} ${MONTHS[t.month - 1]} ${String(t.day).padStart(2)} ${clock} ${t.year}`;
}
