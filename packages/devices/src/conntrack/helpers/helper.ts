import type { SkBuff } from '@labwire/core/skb';
import type { Conntrack } from '../conntrack.ts';
import { IPS_DST_NAT, IPS_SRC_NAT, type NfConn } from '../nf-conn.ts';

/** Reads the control connection of a protocol for the connections that it announces. Linux `struct nf_conntrack_helper`. */
export interface Helper {
  readonly name: string;
  /** IPPROTO_* */
  readonly proto: number;
  /** The port of its servers. */
  readonly port: number;
  /**
   * Reads a packet of the connection: its transport header is at `th`. May change it (and then mends its checksums).
   * @returns NF_ACCEPT or NF_DROP
   */
  help(tracking: Conntrack, ct: NfConn, dir: 0 | 1, skb: SkBuff, th: number): number;
}

/** Whether NAT changes a connection: a bit of its status. IPS_NAT_MASK */
export const NAT_MASK: number = IPS_SRC_NAT | IPS_DST_NAT;
