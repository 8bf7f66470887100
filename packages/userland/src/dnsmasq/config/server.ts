import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';

/** What a domain leads to: other servers, those of resolv.conf, an address, or nowhere. */
export type ServerKind = 'upstream' | 'resolv' | 'addr6' | 'addr4' | 'zeros' | 'local';

/** One --server, --local or --address for one domain. dnsmasq src/dnsmasq.h, struct server */
export interface ServerRule {
  readonly kind: ServerKind;
  /** In lower case; empty for all names. */
  readonly domain: string;
  /** It holds for names that end in the domain, at a dot or not: `*example.com`. */
  readonly wildcard: boolean;
  /** It holds for names without a dot: `//`. */
  readonly noDots: boolean;
  /** kind addr4 and addr6: the answer. */
  readonly answer: InetAddr | undefined;
  /** kind upstream: where to ask. */
  readonly to: SockAddr | undefined;
  /** kind upstream: where from, if that is given. */
  readonly from: SockAddr | undefined;
  /** kind upstream: the device to go through, if that is given. */
  readonly device: string;
  /** Where it comes from: it goes when that is read again. */
  readonly origin: 'config' | 'resolv-file' | 'servers-file';
}
