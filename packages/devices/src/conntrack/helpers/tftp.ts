/** TFTP: the server answers a request from a port of its own. Linux net/netfilter/nf_conntrack_tftp.c, nf_nat_tftp.c */
import { get16 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { IPPROTO_UDP } from '@labwire/core/wire';
import type { Nat } from '../../nat/nat.ts';
import { NF_ACCEPT, NF_DROP } from '../../netfilter/xt/verdict.ts';
import type { Conntrack } from '../conntrack.ts';
import type { NfConn } from '../nf-conn.ts';
import { type Helper, NAT_MASK } from './helper.ts';

const UDP_HLEN = 8;
const READ = 1;
const WRITE = 2;
/** Seconds that a transfer may take to begin. */
const PATIENCE = 300;

/** The helper named `tftp`. */
export class TftpHelper implements Helper {
  readonly name = 'tftp';
  readonly port = 69;
  readonly proto: number = IPPROTO_UDP;
  readonly #nat: () => Nat;

  constructor(nat: () => Nat) {
    this.#nat = nat;
  }

  help(tracking: Conntrack, ct: NfConn, _dir: 0 | 1, skb: SkBuff, th: number): number {
    if (th + UDP_HLEN + 2 > skb.tail) return NF_ACCEPT;
    const opcode = get16(skb.buf, th + UDP_HLEN);
    if (opcode !== READ && opcode !== WRITE) return NF_ACCEPT;
    const { src, dst, dport } = ct.reply;
    const port = ct.orig.sport;
    const follow = (child: NfConn): void => this.#nat().followMaster(child, ct, 1, port);
    const added = tracking.expectations.add(
      {
        master: ct,
        src,
        sport: undefined,
        dst,
        dport,
        proto: IPPROTO_UDP,
        permanent: false,
        helper: this.name,
        ...((ct.status & NAT_MASK) === 0 ? {} : { onArrival: follow }),
      },
      PATIENCE,
    );
    return added ? NF_ACCEPT : NF_DROP;
  }
}
