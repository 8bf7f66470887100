import type { Nanos } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import type { DomainServer } from '../servers/index.ts';

/** Someone who waits for an answer. dnsmasq src/dnsmasq.h, struct frec_src */
export interface Asker {
  readonly id: number;
  readonly from: SockAddr;
  /** The address that was asked, which the answer comes from. */
  readonly to: InetAddr | undefined;
  /** Where the question came in; undefined: the answer is not sent, only kept. */
  readonly socket: Socket | undefined;
  logId: number;
}

/** A question that was passed on. dnsmasq src/dnsmasq.h, struct frec */
export interface PendingQuery {
  readonly askers: Asker[];
  /** The id that servers see. */
  readonly newId: number;
  /** What it asks, to know its answer by. */
  readonly key: string;
  readonly checkingDisabled: boolean;
  readonly wantsAd: boolean;
  readonly dnssecOk: boolean;
  readonly hasEdns: boolean;
  /** It came with EDNS options. */
  readonly hasOptions: boolean;
  /** A smaller answer was asked for. */
  triesSmall: boolean;
  /** Private addresses are fine for this name. */
  readonly noRebind: boolean;
  /** The question as it came, for --fast-dns-retry. */
  readonly question: Uint8Array;
  sentTo: DomainServer;
  /** Above 0: all servers are asked, and how many have not answered yet, plus 1. */
  forwardAll: number;
  /** Sockets that answers come to, with the servers that they are for. */
  readonly sockets: { readonly socket: Socket; readonly family: string; readonly source: string }[];
  /** Seconds since the epoch, when it came. */
  readonly time: number;
  /** When it was last sent. */
  sentAt: Nanos;
  /** Milliseconds until it is sent again, by --fast-dns-retry. */
  delay: number;
}
