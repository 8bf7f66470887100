import type { EventHandler } from './events/index.ts';
import { type Nanos, SEC } from './time.ts';

/** How many handlers a message names. */
const NAMED = 4;

/** The names of the handlers that most events wait for, most first; a name decides between equals. */
function busiest(pending: readonly EventHandler[]): string[] {
  const counts = new Map<EventHandler, number>();
  for (const handler of pending) counts.set(handler, (counts.get(handler) ?? 0) + 1);
  const names = new Map<string, number>();
  for (const [handler, n] of counts) {
    const name = handler.describe?.();
    if (name !== undefined) names.set(name, (names.get(name) ?? 0) + n);
  }
  return [...names]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, NAMED)
    .map(([name]) => name);
}

/** Says that frames circle, where, and what to do. `what` is the limit that was passed. */
export function describeStorm(what: string, now: Nanos, pending: readonly EventHandler[]): string {
  const where = busiest(pending).join(', ') || 'handlers without a name';
  const at = (now / SEC).toFixed(3);
  return `a storm of frames at ${at} s: ${what}; they circle through ${where}: break the loop or turn on STP`;
}
