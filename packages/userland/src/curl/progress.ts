import { MS, type Nanos, SEC, US } from '@labwire/core/sim';

const HEADER =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
  '                                 Dload  Upload   Total   Spent    Left  Speed\n';
/** Samples that the current speed is taken over. */
const SAMPLES = 6;
const KILO = 1024;
const MEGA = KILO * KILO;

/** A count of bytes in five columns. curl lib/progress.c, max5data() */
export function fiveColumns(bytes: number): string {
  const pad = (n: number, width: number) => String(Math.floor(n)).padStart(width);
  if (bytes < 100_000) return pad(bytes, 5);
  if (bytes < 10_000 * KILO) return `${pad(bytes / KILO, 4)}k`;
  if (bytes < 100 * MEGA)
    return `${pad(bytes / MEGA, 2)}.${Math.floor((bytes % MEGA) / (MEGA / 10))}M`;
  return `${pad(bytes / MEGA, 4)}M`;
}

/** Seconds in eight columns; dashes for none. progress.c, time2str() */
export function eightColumns(seconds: number): string {
  if (seconds <= 0) return '--:--:--';
  const two = (n: number) => String(n).padStart(2, '0');
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  if (hours <= 99)
    return `${String(hours).padStart(2)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  const days = Math.floor(hours / 24);
  return `${String(days).padStart(3)}d ${two(hours % 24)}h`;
}

function percent(part: number, whole: number): number {
  return whole > 0 ? Math.floor((part * 100) / whole) : 0;
}

function perSecond(bytes: number, time: Nanos): number {
  return Math.floor((bytes * 1_000_000) / Math.max(1, Math.floor(time / US)));
}

/** The progress meter that curl shows on standard error when the body goes elsewhere. */
export class ProgressMeter {
  received = 0;
  sent = 0;
  /** Bytes to come; undefined while that is not known. */
  toReceive: number | undefined;
  toSend: number | undefined;
  readonly #start: Nanos;
  readonly #samples: { readonly at: Nanos; readonly bytes: number }[] = [];
  #shownSecond = -1;
  #headerShown = false;

  constructor(start: Nanos) {
    this.#start = start;
  }

  /** What to print now: a line at most once a second, unless `force`. */
  update(now: Nanos, force = false): string {
    const second = Math.floor(now / SEC);
    if (!force && second === this.#shownSecond) return '';
    this.#shownSecond = second;
    this.#samples.push({ at: now, bytes: Math.max(this.received, this.sent) });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    const header = this.#headerShown ? '' : HEADER;
    this.#headerShown = true;
    return `${header}\r${this.#line(now)}`;
  }

  #currentSpeed(average: number): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || first === last) return average;
    const span = Math.max(1, Math.floor((last.at - first.at) / MS));
    return Math.floor(((last.bytes - first.bytes) * 1000) / span);
  }

  #line(now: Nanos): string {
    const spent = now - this.#start;
    const down = perSecond(this.received, spent);
    const up = perSecond(this.sent, spent);
    const expected = (this.toReceive ?? this.received) + (this.toSend ?? this.sent);
    const total =
      (this.toReceive !== undefined && down > 0 ? Math.floor(this.toReceive / down) : 0) ||
      (this.toSend !== undefined && up > 0 ? Math.floor(this.toSend / up) : 0);
    const spentSeconds = Math.floor(spent / SEC);
    const three = (n: number) => String(n).padStart(3);
    return [
      `${three(percent(this.received + this.sent, expected))} ${fiveColumns(expected)} `,
      `${three(percent(this.received, this.toReceive ?? 0))} ${fiveColumns(this.received)} `,
      `${three(percent(this.sent, this.toSend ?? 0))} ${fiveColumns(this.sent)} `,
      `${fiveColumns(down)}  ${fiveColumns(up)}`,
      eightColumns(total),
      eightColumns(spentSeconds),
      eightColumns(total > 0 ? total - spentSeconds : 0),
      fiveColumns(this.#currentSpeed(down + up)),
    ].join(' ');
  }
}
