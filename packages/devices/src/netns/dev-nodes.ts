import type { TapQueue } from '../link/tap-queue.ts';

/** Where drivers put the character devices that come while the machine runs: devtmpfs, which is /dev. */
export interface DevNodes {
  /** Makes /dev/NAME, which `open` opens. */
  add(name: string, open: () => TapQueue): void;
  /** Takes it away. */
  remove(name: string): void;
}
