import type { Nanos } from '@labwire/core/sim';
import type { FilterBlock } from '../cls/index.ts';
import { type Qdisc, type TcClass, type TcOptions, TcStats } from '../qdisc.ts';
import { fromTicks, Rate, type RateSpec, toTicks } from '../rate.ts';

/** Levels of classes that a tree can have. TC_HTB_MAXDEPTH */
export const MAX_DEPTH = 8;
const MAX_PRIO = 7;
const MINUTE: Nanos = 60_000_000_000;
/** Quantums that are thought to be sensible, in bytes. */
const LEAST_QUANTUM = 1000;
const MOST_QUANTUM = 200_000;

/** What a class may do now. */
export type HtbMode = 'canSend' | 'mayBorrow' | 'cantSend';

/** One class of an HTB: a rate of its own, a ceiling, and a parent to borrow from. Linux net/sched/sch_htb.c, `struct htb_class` */
export class HtbClass {
  readonly classid: number;
  readonly parent: HtbClass | null;
  /** 0 for one that holds packets. */
  level = 0;
  children = 0;
  leaf: Qdisc | null;
  readonly filters: FilterBlock;
  readonly stats: TcStats = new TcStats();
  prio = 0;
  quantum = 0;
  rate: Rate;
  ceil: Rate;
  #buffer: Nanos = 0;
  #cbuffer: Nanos = 0;
  tokens: Nanos = 0;
  ctokens: Nanos = 0;
  /** When the tokens were counted. */
  #checked: Nanos;
  lends = 0;
  borrows = 0;
  giants = 0;
  /** What it may still send in this round, at each level that it borrows from. */
  readonly deficit: number[] = new Array<number>(MAX_DEPTH).fill(0);

  constructor(
    classid: number,
    parent: HtbClass | null,
    leaf: Qdisc,
    filters: FilterBlock,
    now: Nanos,
  ) {
    this.classid = classid;
    this.parent = parent;
    this.leaf = leaf;
    this.filters = filters;
    this.rate = new Rate({ rate: 1, overhead: 0, mpu: 0, cellLog: 0, linklayer: 1 });
    this.ceil = this.rate;
    this.#checked = now;
  }

  /** Takes its parameters. @returns a warning about its quantum */
  configure(o: TcOptions, r2q: number, isNew: boolean): string | undefined {
    this.rate = new Rate(o.rate as RateSpec);
    this.ceil = new Rate(o.ceil as RateSpec);
    this.#buffer = fromTicks(Number(o.buffer));
    this.#cbuffer = fromTicks(Number(o.cbuffer));
    if (isNew) {
      this.tokens = this.#buffer;
      this.ctokens = this.#cbuffer;
    }
    if (this.level > 0) return undefined;
    this.prio = Math.min(Number(o.prio ?? 0), MAX_PRIO);
    const quantum = Number(o.quantum ?? 0);
    const computed = Math.floor(this.rate.spec.rate / r2q);
    this.quantum = quantum || Math.max(LEAST_QUANTUM, Math.min(computed, MOST_QUANTUM));
    if (quantum !== 0 || computed === this.quantum) return undefined;
    const word = computed < LEAST_QUANTUM ? 'small' : 'big';
    const id = this.classid.toString(16).toUpperCase();
    return `sch_htb: quantum of class ${id} is ${word}. Consider r2q change.`;
  }

  #passed(now: Nanos): Nanos {
    return Math.min(now - this.#checked, MINUTE);
  }

  /** `htb_class_mode()` */
  mode(now: Nanos): HtbMode {
    const passed = this.#passed(now);
    if (this.ctokens + passed < 0) return 'cantSend';
    return this.tokens + passed >= 0 ? 'canSend' : 'mayBorrow';
  }

  /** How long until it may do more; 0 if it can send. */
  wait(now: Nanos): Nanos {
    const passed = this.#passed(now);
    if (this.ctokens + passed < 0) return -(this.ctokens + passed);
    return Math.max(0, -(this.tokens + passed));
  }

  /** Pays for a packet that left by way of `level`. `htb_charge_class()` */
  charge(level: number, bytes: number, now: Nanos): void {
    const passed = this.#passed(now);
    if (this.level >= level) {
      if (this.level === level) this.lends++;
      this.tokens = pay(this.tokens + passed, this.#buffer, this.rate.time(bytes));
    } else {
      this.borrows++;
      this.tokens += passed; // the time is accounted for all the same
    }
    this.ctokens = pay(this.ctokens + passed, this.#cbuffer, this.ceil.time(bytes));
    this.#checked = now;
  }

  /** As `tc class` shows it. */
  get info(): TcClass {
    const { leaf } = this;
    return {
      classid: this.classid,
      parent: this.parent?.classid ?? 0xffff_ffff,
      leaf: leaf === null || leaf.handle === 0 ? null : leaf,
      options: {
        rate: this.rate.shown,
        ceil: this.ceil.shown,
        buffer: toTicks(this.#buffer),
        cbuffer: toTicks(this.#cbuffer),
        quantum: this.quantum,
        prio: this.prio,
        level: this.level,
      },
      stats: this.stats,
      qlen: leaf?.qlen ?? 0,
      backlog: leaf?.backlog ?? 0,
      xstats: {
        lends: this.lends,
        borrows: this.borrows,
        giants: this.giants,
        tokens: Math.trunc(clamp(this.tokens) / 64),
        ctokens: Math.trunc(clamp(this.ctokens) / 64),
      },
    };
  }
}

/** Tokens after a packet: no more than the bucket holds, and not deeper in debt than a minute. */
function pay(tokens: Nanos, bucket: Nanos, cost: Nanos): Nanos {
  return Math.max(Math.min(tokens, bucket) - cost, 1 - MINUTE);
}

function clamp(ticks: number): number {
  return Math.max(-0x8000_0000 * 64, Math.min(ticks, 0x7fff_ffff * 64));
}
