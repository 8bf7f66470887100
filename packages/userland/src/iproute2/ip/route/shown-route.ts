import type { InetAddr, RouteInfo } from '@labwire/devices/rtnetlink';

/** A route as it is shown: with what the kernel echoes of a look-up's question. */
export interface ShownRoute extends RouteInfo {
  /** `from`: the source that was asked for. */
  readonly src?: { readonly addr: InetAddr; readonly length: number };
  readonly mark?: number;
  readonly uid?: number;
  readonly iif?: number;
}
