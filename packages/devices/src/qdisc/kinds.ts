import { Fifo } from './fifo.ts';
import { FqCodel, Sfq } from './flows/index.ts';
import { Htb } from './htb/index.ts';
import { Netem } from './netem/index.ts';
import { Prio } from './prio.ts';
import type { Qdisc, TcOptions } from './qdisc.ts';
import type { TcScheduler } from './scheduler.ts';
import { Tbf } from './tbf.ts';

type NewQdisc = (
  scheduler: TcScheduler,
  handle: number,
  parent: number,
  options: TcOptions | undefined,
) => Qdisc;

/** One that takes its parameters as a later change does. */
function plain<Q extends Qdisc>(
  make: new (scheduler: TcScheduler, handle: number, parent: number) => Q,
): NewQdisc {
  return (scheduler, handle, parent, options) => {
    const qdisc = new make(scheduler, handle, parent);
    qdisc.change(options ?? {});
    return qdisc;
  };
}

/** One that takes its parameters at the beginning alone. */
function once<Q extends Qdisc & { init(options: TcOptions): void }>(
  make: new (scheduler: TcScheduler, handle: number, parent: number) => Q,
): NewQdisc {
  return (scheduler, handle, parent, options) => {
    const qdisc = new make(scheduler, handle, parent);
    qdisc.init(options ?? {});
    return qdisc;
  };
}

function fifo(kind: 'pfifo' | 'bfifo' | 'pfifo_head_drop'): NewQdisc {
  return (scheduler, handle, parent, options) => {
    const qdisc = new Fifo(scheduler, handle, parent, kind);
    qdisc.change(options ?? {});
    return qdisc;
  };
}

/** How a qdisc of each kind is made. `register_qdisc()` */
export const QDISC_KINDS: ReadonlyMap<string, NewQdisc> = new Map<string, NewQdisc>([
  ['pfifo', fifo('pfifo')],
  ['bfifo', fifo('bfifo')],
  ['pfifo_head_drop', fifo('pfifo_head_drop')],
  ['pfifo_fast', (s, handle, parent) => new Prio(s, handle, parent, true)],
  ['prio', plain(Prio)],
  ['tbf', plain(Tbf)],
  ['netem', plain(Netem)],
  ['fq_codel', plain(FqCodel)],
  ['sfq', once(Sfq)],
  ['htb', once(Htb)],
]);
