import type { NetDevice } from '../../link/net-device.ts';
import type { InetAddr } from '../../rtnetlink/types.ts';

/** What holds a port: a bound socket, a connection, or what is left of one. Linux `struct inet_bind_bucket` and `sock_common` */
export interface PortHolder {
  readonly boundPort: number;
  /** The address it is bound to; undefined for any. */
  readonly boundAddr: InetAddr | undefined;
  readonly boundDev: NetDevice | null;
  readonly reuseAddr: boolean;
  readonly reusePort: boolean;
  readonly uid: number;
  readonly listening: boolean;
  /** Takes IPv4; takes IPv6. */
  readonly v4: boolean;
  readonly v6: boolean;
}

function sameAddr(a: InetAddr, b: InetAddr): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return a.w0 === b.w0 && a.w1 === b.w1 && a.w2 === b.w2 && a.w3 === b.w3;
}

/** Whether `a` cannot have the port that `b` has. `inet_csk_bind_conflict()` */
function conflicts(a: PortHolder, b: PortHolder): boolean {
  if (a.boundDev !== null && b.boundDev !== null && a.boundDev !== b.boundDev) return false;
  if (!(a.v4 && b.v4) && !(a.v6 && b.v6)) return false;
  if (a.reuseAddr && b.reuseAddr && !b.listening) return false;
  if (a.reusePort && b.reusePort && a.uid === b.uid) return false;
  if (a.boundAddr === undefined || b.boundAddr === undefined) return true;
  return sameAddr(a.boundAddr, b.boundAddr);
}

/** Who holds which local port. Linux `inet_bind_hashbucket` */
export class Ports {
  readonly #holders = new Map<number, PortHolder[]>();

  /** Whether `holder` can have the port `port`. */
  isFree(port: number, holder: PortHolder): boolean {
    const holders = this.#holders.get(port);
    return holders === undefined || holders.every((h) => h === holder || !conflicts(holder, h));
  }

  /** Whether nobody has it. */
  isUnused(port: number): boolean {
    return !this.#holders.has(port);
  }

  /** Notes that `holder` has the port. */
  add(port: number, holder: PortHolder): void {
    const holders = this.#holders.get(port);
    if (holders === undefined) this.#holders.set(port, [holder]);
    else holders.push(holder);
  }

  /** Notes that `holder` gives the port up. */
  remove(port: number, holder: PortHolder): void {
    const holders = this.#holders.get(port);
    const i = holders?.indexOf(holder) ?? -1;
    if (holders === undefined || i < 0) return;
    holders.splice(i, 1);
    if (holders.length === 0) this.#holders.delete(port);
  }
}

/**
 * Goes through the ephemeral ports from a random one on: those of the range's own parity first, which
 * connect() prefers, or last, as bind() does. `__inet_hash_connect()`, `inet_csk_find_open_port()`
 * @returns the first that `fits`; 0 if none does
 */
export function pickPort(
  range: readonly [number, number],
  start: number,
  evenFirst: boolean,
  fits: (port: number) => boolean,
): number {
  const [low, high] = range;
  const pairs = Math.max(1, (high - low + 1) >> 1);
  for (const parity of evenFirst ? [0, 1] : [1, 0]) {
    for (let i = 0; i < pairs; i++) {
      const port = low + ((start + i) % pairs) * 2 + parity;
      if (port <= high && fits(port)) return port;
    }
  }
  return 0;
}
