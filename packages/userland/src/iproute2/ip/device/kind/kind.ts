import type { Context } from '../../../context/index.ts';
import type { Args } from '../../../parse/index.ts';
import type { Info, InfoRequest } from './info.ts';
import type { KindOption } from './options.ts';

/** What `ip link` knows of a kind of device: iproute2's `struct link_util`. */
export interface LinkKind {
  /** What `ip link help KIND` prints. */
  readonly usage: string;
  /** The words after `type KIND`, for docs/programs. */
  readonly words?: readonly KindOption[];
  /** Reads the options after `type KIND`; absent: it has none. `creating`: for a new device. */
  parse?(ctx: Context, args: Args, data: InfoRequest, creating: boolean): void;
  /** Prints its attributes. */
  print?(ctx: Context, info: Info): void;
}
