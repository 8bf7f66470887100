/** One line of the report: what was measured beside what PERFORMANCE.md asks. */
export interface Figure {
  /** The goal's number: `P3`. */
  readonly id: string;
  /** What was measured, with its size: `UDP through 8 routers, per packet and hop`. */
  readonly what: string;
  /** The value in `unit`; undefined if it could not be measured, which `note` then explains. */
  readonly value: number | undefined;
  readonly unit: string;
  /** What the goal asks for, in the same unit: at most that much. Undefined if it is a ratio to a peer that is not here. */
  readonly goal: number | undefined;
  /** The goal is that much at least. */
  readonly orMore?: boolean;
  /** What the goal is compared with: a peer that was run, or figures recorded on another machine. */
  readonly against: string;
  /** Anything that the reader must know. */
  readonly note?: string;
}

function number(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toFixed(digits);
}

function verdict({ value, goal, orMore }: Figure): string {
  if (value === undefined) return 'skipped';
  if (goal === undefined) return '';
  return (orMore === true ? value >= goal : value <= goal) ? 'held' : 'missed';
}

/** The report's heading. */
export function heading(): string {
  return ['goal'.padEnd(5), 'measured'.padStart(20), 'asked for'.padStart(10), '', 'what'].join(
    '  ',
  );
}

/** One line of the report. */
export function line(f: Figure): string {
  const value = f.value === undefined ? '-' : `${number(f.value)} ${f.unit}`;
  const goal = f.goal === undefined ? '-' : `${f.orMore === true ? '≥' : '≤'} ${number(f.goal)}`;
  const note = f.note === undefined ? '' : `; ${f.note}`;
  const cells = [f.id.padEnd(5), value.padStart(20), goal.padStart(10), verdict(f).padEnd(7)];
  return `${cells.join('  ')}  ${f.what} [${f.against}${note}]`;
}
