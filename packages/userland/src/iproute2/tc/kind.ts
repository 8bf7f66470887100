import type { TcOptions } from '@labwire/devices/qdisc';
import type { Context } from '../context/index.ts';
import type { Args, wordRows } from '../parse/index.ts';

type Rows = Parameters<typeof wordRows>[0];

/** How the options of one kind of qdisc are read and shown. iproute2 `struct qdisc_util` */
export interface QdiscKind {
  /** The options of a qdisc and of its classes, for docs/programs. */
  readonly words?: Rows;
  readonly classWords?: Rows;
  /** Reads the options of a qdisc, to the end of the line. @param dev the device's name */
  parse?(ctx: Context, args: Args, dev: string): TcOptions | undefined;
  print?(ctx: Context, options: TcOptions): void;
  parseClass?(ctx: Context, args: Args, dev: string): TcOptions;
  printClass?(ctx: Context, options: TcOptions): void;
  printXstats?(ctx: Context, xstats: TcOptions): void;
}
