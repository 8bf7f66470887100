import type { TcOptions } from '@labwire/devices/qdisc';
import type { Context } from '../context/index.ts';
import type { Args } from '../parse/index.ts';

/** How the options of one kind of qdisc are read and shown. iproute2 `struct qdisc_util` */
export interface QdiscKind {
  /** Reads the options of a qdisc, to the end of the line. @param dev the device's name */
  parse?(ctx: Context, args: Args, dev: string): TcOptions | undefined;
  print?(ctx: Context, options: TcOptions): void;
  parseClass?(ctx: Context, args: Args, dev: string): TcOptions;
  printClass?(ctx: Context, options: TcOptions): void;
  printXstats?(ctx: Context, xstats: TcOptions): void;
}
