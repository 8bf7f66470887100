/** How large counters are written. */
export interface NumberStyle {
  /** With a unit: 1.5k */
  readonly human: boolean;
  /** Units of 1024: 1.5Ki */
  readonly iec: boolean;
}

/** Writes a counter and a space. Source: iproute2 ip/ipaddress.c, print_num(). */
export function formatCounter(width: number, count: number, style: NumberStyle): string {
  const base = style.iec ? 1024 : 1000;
  if (!style.human || count < base) return `${String(count).padStart(width)} `;
  let power = base;
  let unit = 0;
  while (Math.floor(count / base) >= power && unit < 5) {
    power *= base;
    unit++;
  }
  const whole = Math.floor(count / power);
  const precision = whole < 10 ? 2 : whole < 100 ? 1 : 0;
  const text = `${(count / power).toFixed(precision)}${'kMGTPE'[unit]}${style.iec ? 'i' : ''}`;
  return `${text.padStart(width)} `;
}

/** Widens columns so that all of `values` fit. Source: ip/ipaddress.c, size_columns(). */
export function widen(columns: number[], values: readonly number[], style: NumberStyle): void {
  if (style.human) return;
  for (const [i, v] of values.entries()) columns[i] = Math.max(columns[i] ?? 0, String(v).length);
}
