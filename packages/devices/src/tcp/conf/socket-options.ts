/** Options of a TCP socket: what setsockopt(2) with SOL_TCP and SO_LINGER, SO_KEEPALIVE sets. Inherited by what is accepted. */
export class TcpSocketOptions {
  /** TCP_NODELAY */
  nodelay = false;
  /** TCP_CORK: holds back what does not fill a segment, for 200 ms at most. */
  cork = false;
  /** SO_KEEPALIVE */
  keepAlive = false;
  /** TCP_KEEPIDLE, Nanos; undefined for the sysctl's. */
  keepIdle: number | undefined;
  /** TCP_KEEPINTVL, Nanos; undefined for the sysctl's. */
  keepIntvl: number | undefined;
  /** TCP_KEEPCNT; undefined for the sysctl's. */
  keepCnt: number | undefined;
  /** SO_LINGER: seconds, of which 0 makes close() abort; undefined for off. */
  linger: number | undefined;
  /** TCP_SYNCNT; undefined for the sysctl's. */
  synCnt: number | undefined;
  /** TCP_USER_TIMEOUT, Nanos; 0 for the default. */
  userTimeout = 0;
  /** TCP_MAXSEG: bytes, 0 for what the route gives. */
  maxSeg = 0;
  /** TCP_CONGESTION; undefined for the sysctl's. */
  congestion: 'cubic' | 'reno' | undefined;
  /** TCP_LINGER2: Nanos in FIN-WAIT-2 after close(); undefined for the sysctl's. */
  linger2: number | undefined;
  /** SO_RCVBUF or SO_SNDBUF was set: the kernel leaves the buffer's size alone. */
  rcvBufLocked = false;
  sndBufLocked = false;

  /** What an accepted socket inherits. */
  clone(): TcpSocketOptions {
    return Object.assign(new TcpSocketOptions(), this);
  }
}
