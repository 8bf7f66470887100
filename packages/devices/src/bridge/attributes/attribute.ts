import { KernelError } from '@labwire/core/error';
import { type Nanos, SEC } from '@labwire/core/sim';

/** Attributes by the kernel's names. */
export type Attributes = Readonly<Record<string, unknown>>;

/** How one attribute of `T` is shown and changed. */
export interface Attribute<T> {
  /** Its value; undefined: it is only written. */
  readonly show?: (of: T) => unknown;
  /** Takes a new value; absent: nobody changes it. @throws {@link KernelError} */
  readonly change?: (of: T, value: unknown) => void;
}

/** The attributes of one kind of thing, by the kernel's names. */
export type AttributeTable<T> = Readonly<Record<string, Attribute<T>>>;

/** Users see times in hundredths of a second, the kernel keeps them in ticks of 4 ms. USER_HZ and CONFIG_HZ */
const USER_TICK: Nanos = SEC / 100;
const TICKS_PER_USER_TICK = 2.5;
const TICK: Nanos = SEC / 250;

/** All attributes that are shown. */
export function showAttributes<T>(table: AttributeTable<T>, of: T): Attributes {
  const shown: Record<string, unknown> = {};
  for (const [name, { show }] of Object.entries(table))
    if (show !== undefined) shown[name] = show(of);
  return shown;
}

/**
 * Changes attributes, in the order of the table; none, if there is one that Labwire does not act on.
 * @throws {@link KernelError} as the attribute does; EOPNOTSUPP that says which, for one that Labwire does not act on
 */
export function changeAttributes<T>(
  table: AttributeTable<T>,
  of: T,
  values: Attributes,
  what: string,
): void {
  for (const [name, value] of Object.entries(values))
    refuseUnsupported(
      Object.hasOwn(table, name) ? table[name] : undefined,
      of,
      value,
      `${what} attribute ${name}`,
    );
  for (const [name, attribute] of Object.entries(table)) {
    const value = values[name];
    if (value !== undefined) attribute.change?.(of, value);
  }
}

function refuseUnsupported<T>(
  attribute: Attribute<T> | undefined,
  of: T,
  value: unknown,
  what: string,
): void {
  if (attribute === undefined) throw new KernelError('EOPNOTSUPP', `Labwire has no ${what}`);
  if (attribute.change !== undefined) return;
  const shown = attribute.show?.(of);
  if (Number(value) !== Number(shown))
    throw new KernelError('EOPNOTSUPP', `Labwire does not act on the ${what}: it stays ${shown}`);
}

/** An attribute that is shown with one value and cannot have another. */
export function fixed<T>(value: unknown): Attribute<T> {
  return { show: () => value };
}

/** A time as users see it. `jiffies_to_clock_t()` */
export function toUserTicks(time: Nanos): number {
  return Math.floor(time / USER_TICK);
}

/** A time as the kernel keeps it. `clock_t_to_jiffies()` */
export function fromUserTicks(ticks: number): Nanos {
  return Math.floor(ticks * TICKS_PER_USER_TICK) * TICK;
}

/** The time that a timer has left, as users see it; 0 if it is not armed. `br_timer_value()` */
export function timerValue(deadline: Nanos, now: Nanos): number {
  return deadline < 0 ? 0 : toUserTicks(Math.max(0, deadline - now));
}
