import type { AnyFamily } from '../parse/index.ts';
import type { Palette } from '../print/index.ts';

/** What the options before the object ask for; a number counts how often. */
export interface Options {
  family: AnyFamily;
  stats: number;
  details: number;
  oneline: boolean;
  brief: boolean;
  json: boolean;
  pretty: boolean;
  human: boolean;
  iec: boolean;
  numeric: boolean;
  force: boolean;
  all: boolean;
  /** `vlan -compressvlans` */
  compressVlans: boolean;
  /** Rounds of a flush; 0 for no limit. */
  loops: number;
  palette: Palette;
  /** Whether and how `ip monitor` tells the time. */
  timestamp: 'none' | 'long' | 'short';
}

/** No option given. */
export function defaultOptions(): Options {
  return {
    family: undefined,
    stats: 0,
    details: 0,
    oneline: false,
    brief: false,
    json: false,
    pretty: false,
    human: false,
    iec: false,
    numeric: false,
    force: false,
    all: false,
    compressVlans: false,
    loops: 10,
    palette: 'none',
    timestamp: 'none',
  };
}
