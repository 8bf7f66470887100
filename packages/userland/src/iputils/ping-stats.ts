import { formatG } from '../libc-net/index.ts';

const INT_MAX = 2_147_483_647;
/** Sequence numbers that are told apart. */
const SEQ_SPACE = 0x10000;

/** Milliseconds with three places from microseconds: `0.043`. */
function ms(us: number): string {
  const n = Math.trunc(us);
  return `${Math.trunc(n / 1000)}.${String(n % 1000).padStart(3, '0')}`;
}

/** The whole square root by Newton's method. ping_common.c, llsqrt() */
function integerSqrt(a: number): number {
  let prev = Infinity;
  let x = Math.trunc(a);
  if (x <= 0) return x;
  while (x < prev) {
    prev = x;
    x = Math.trunc((x + Math.trunc(a / x)) / 2);
  }
  return x;
}

/** How the round-trip time of one reply is printed, from microseconds. ping_common.c, gather_statistics() */
export function formatTripTime(us: number): string {
  if (us >= 100_000 - 50) return `${Math.trunc((us + 500) / 1000)}`;
  const part = (add: number, per: number, width: number) =>
    `${Math.trunc((us + add) / 1000)}.${String(Math.trunc(((us + add) % 1000) / per)).padStart(width, '0')}`;
  if (us >= 10_000 - 5) return part(50, 100, 1);
  if (us >= 1000) return part(5, 10, 2);
  return part(0, 1, 3);
}

/** What the summary needs besides the counts. */
export interface SummaryContext {
  readonly hostname: string;
  /** Nanoseconds from the first to the last request. */
  readonly elapsed: number;
  readonly timing: boolean;
  /** Milliseconds. */
  readonly interval: number;
  readonly flood: boolean;
  readonly adaptive: boolean;
}

/** The counts of one run of ping, and the text it ends with. All times in microseconds. */
export class PingStats {
  transmitted = 0;
  received = 0;
  repeats = 0;
  corrupted = 0;
  errors = 0;
  min: number = Infinity;
  max = 0;
  sum = 0;
  sum2 = 0;
  /** Eight times the smoothed round-trip time. */
  rtt = 0;
  pipeSize = -1;
  #acked = 0;
  readonly #seen = new Uint8Array(SEQ_SPACE);

  /** A request has gone out, or would have. ping.h, advance_ntransmitted() */
  advance(): void {
    this.transmitted++;
    if ((this.transmitted & 0xffff) - this.#acked > 0x7fff)
      this.#acked = (this.transmitted + 1) & 0xffff;
  }

  /** A sequence number is used afresh. */
  forget(seq: number): void {
    this.#seen[seq & 0xffff] = 0;
  }

  /** Whether a reply to `seq` has come. */
  wasSeen(seq: number): boolean {
    return this.#seen[seq & 0xffff] === 1;
  }

  /** Requests without an answer. ping.h, in_flight() */
  get inFlight(): number {
    const diff = (this.transmitted - this.#acked) & 0xffff;
    return diff <= 0x7fff ? diff : this.transmitted - this.received - this.errors;
  }

  /** `seq` has been answered, by a reply or an error. ping.h, acknowledge() */
  acknowledge(seq: number): void {
    const diff = (this.transmitted - seq) & 0xffff;
    if (diff > 0x7fff) return;
    if (diff + 1 > this.pipeSize) this.pipeSize = diff + 1;
    const ahead = (((seq - this.#acked) & 0xffff) << 16) >> 16;
    if (ahead > 0 || (this.transmitted & 0xffff) - this.#acked > 0x7fff) this.#acked = seq;
  }

  /** A measured round trip. */
  addTrip(us: number): void {
    this.sum += us;
    this.sum2 += us * us;
    if (us < this.min) this.min = us;
    if (us > this.max) this.max = us;
    this.rtt = this.rtt === 0 ? us * 8 : this.rtt + us - Math.trunc(this.rtt / 8);
  }

  /** Counts a reply. @returns whether it is a duplicate */
  addReply(seq: number): boolean {
    if (this.wasSeen(seq)) {
      this.repeats++;
      return true;
    }
    this.#seen[seq & 0xffff] = 1;
    this.received++;
    return false;
  }

  /** The text after `--- HOST ping statistics ---`, with it. ping_common.c, finish() */
  summary(c: SummaryContext): string {
    let text = `\n--- ${c.hostname} ping statistics ---\n${this.transmitted} packets transmitted, ${this.received} received`;
    if (this.repeats > 0) text += `, +${this.repeats} duplicates`;
    if (this.corrupted > 0) text += `, +${this.corrupted} corrupted`;
    if (this.errors > 0) text += `, +${this.errors} errors`;
    if (this.transmitted > 0) {
      const loss = Math.fround(((this.transmitted - this.received) * 100) / this.transmitted);
      text += `, ${formatG(loss)}% packet loss, time ${Math.trunc((c.elapsed + 500_000) / 1_000_000)}ms`;
    }
    return `${text}\n${this.#times(c)}\n`;
  }

  #times(c: SummaryContext): string {
    const parts: string[] = [];
    if (this.received > 0 && c.timing) parts.push(this.#rttLine());
    if (this.pipeSize > 1) parts.push(`pipe ${this.pipeSize}`);
    const quick = c.interval === 0 || c.flood || c.adaptive;
    if (this.received > 0 && quick && this.transmitted > 1) {
      const ipg = Math.trunc(Math.trunc(c.elapsed / 1000) / (this.transmitted - 1));
      parts.push(`ipg/ewma ${ms(ipg)}/${ms(Math.trunc(this.rtt / 8))} ms`);
    }
    return parts.join(', ');
  }

  get #total(): number {
    return this.received + this.repeats;
  }

  #rttLine(): string {
    const avg = Math.trunc(this.sum / this.#total);
    const variance =
      this.sum < INT_MAX
        ? (this.sum2 - (this.sum * this.sum) / this.#total) / this.#total
        : this.sum2 / this.#total - avg * avg;
    const mdev = integerSqrt(Math.trunc(variance));
    return `rtt min/avg/max/mdev = ${ms(this.min)}/${ms(avg)}/${ms(this.max)}/${ms(mdev)} ms`;
  }

  /** One line on the way, asked for with Ctrl-\. ping_common.c, status() */
  status(timing: boolean): string {
    const lost = this.transmitted - this.received;
    const loss = this.transmitted === 0 ? 0 : Math.trunc((lost * 100) / this.transmitted);
    let text = `\r${this.received}/${this.transmitted} packets, ${loss}% loss`;
    if (this.received > 0 && timing) {
      const avg = Math.trunc(this.sum / this.#total);
      const ewma = Math.trunc(this.rtt / 8);
      text += `, min/avg/ewma/max = ${ms(this.min)}/${ms(avg)}/${ms(ewma)}/${ms(this.max)} ms`;
    }
    return `${text}\n`;
  }
}
