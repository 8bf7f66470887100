import type { SockAddr, Socket } from './socket.ts';

/** TCP states as `ss` names them; UDP and raw sockets are UNCONN or ESTAB. Linux include/net/tcp_states.h. */
export type SockState =
  | 'ESTAB'
  | 'SYN-SENT'
  | 'SYN-RECV'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'TIME-WAIT'
  | 'UNCONN'
  | 'CLOSE-WAIT'
  | 'LAST-ACK'
  | 'LISTEN'
  | 'CLOSING';

/** What sock_diag(7) tells about one socket. */
export interface SockInfo {
  readonly netid: 'tcp' | 'udp' | 'icmp' | 'raw';
  readonly state: SockState;
  /** Bytes unread; for a listener, connections not yet accepted. */
  readonly recvQ: number;
  /** Bytes not yet acknowledged; for a listener, its backlog. */
  readonly sendQ: number;
  readonly local: SockAddr;
  /** Port 0 if not connected. */
  readonly remote: SockAddr;
  readonly family: 'inet' | 'inet6';
  readonly v6only: boolean;
  /** SO_BINDTODEVICE */
  readonly device: string | undefined;
  readonly ino: number;
  readonly uid: number;
  /** The socket itself, for whoever looks for its process; undefined in TIME-WAIT and SYN-RECV. */
  readonly socket: Socket | undefined;
  /** What `-o` shows: on, keepalive, timewait, persist; with milliseconds left and retransmissions. */
  readonly timer:
    | { readonly kind: string; readonly ms: number; readonly retrans: number }
    | undefined;
  /** What `-i` shows of TCP, by the names that `ss` prints: cubic, rto, rtt, mss, cwnd, … */
  readonly tcpInfo: Readonly<Record<string, number | string>> | undefined;
}
