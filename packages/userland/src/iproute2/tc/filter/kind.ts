import type { FilterOptions } from '@labwire/devices/qdisc';
import type { Context } from '../../context/index.ts';
import type { Args, wordRows } from '../../parse/index.ts';

/** What a filter's words say. */
export interface ParsedFilter {
  readonly handle: number;
  /** Absent if no option was given. */
  readonly options: FilterOptions | undefined;
}

/** How the filters of one kind are read and shown. iproute2 `struct filter_util` */
export interface FilterKind {
  /** Its words, for docs/programs. */
  readonly words: Parameters<typeof wordRows>[0];
  parse(ctx: Context, args: Args, handle: string | undefined): ParsedFilter;
  print(ctx: Context, options: Readonly<Record<string, unknown>>, handle: number): void;
}
