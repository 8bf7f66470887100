import { get16 } from '@labwire/core/bytes';
import { type Errno, KernelError } from '@labwire/core/error';
import { type Nanos, SEC } from '@labwire/core/sim';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import {
  closeSocket,
  connect,
  familyOf,
  openTcp,
  openUdp,
  recv,
  type StreamSocket,
  sendAll,
} from '../../libc-net/index.ts';
import { framed } from './build-query.ts';
import type { Session } from './session.ts';

/** Seconds: UDP_TIMEOUT, TCP_TIMEOUT. */
const UDP_TIMEOUT = 5;
const TCP_TIMEOUT = 10;
const MAX_MESSAGE = 65_535;

/** How one try ended: with a message, before anything could be sent, or without an answer. */
export type Outcome =
  | { readonly kind: 'reply'; readonly bytes: Uint8Array; readonly micros: number }
  | { readonly kind: 'setup' | 'lost'; readonly why: Errno | 'end of file' };

/** Binds a socket to the address that questions are to come from. */
function bound<S extends Socket>(session: Session, to: SockAddr, sock: S): S {
  const { source } = session;
  if (source !== undefined && typeof source.addr === typeof to.addr) sock.bind(source);
  return sock;
}

/** Asks by UDP: the first answer with the id of the question counts. */
export async function askUdp(session: Session, to: SockAddr, query: Uint8Array): Promise<Outcome> {
  const { proc } = session;
  const sock = openUdp(proc, familyOf(to.addr));
  try {
    bound(session, to, sock).connect(to);
  } catch (e) {
    closeSocket(proc, sock);
    return failed(e, 'setup');
  }
  try {
    const sent = proc.now;
    sock.send(query);
    const bytes = await replyUdp(session, sock, get16(query, 0), sent);
    if (bytes === undefined) return { kind: 'lost', why: 'ETIMEDOUT' };
    return { kind: 'reply', bytes, micros: micros(sent, proc.now) };
  } catch (e) {
    return failed(e, 'lost');
  } finally {
    closeSocket(proc, sock);
  }
}

async function replyUdp(
  session: Session,
  sock: Socket,
  id: number,
  sent: Nanos,
): Promise<Uint8Array | undefined> {
  const { proc } = session;
  const end = sent + (session.timeout || UDP_TIMEOUT) * SEC;
  for (;;) {
    const got = await recv(proc, sock, MAX_MESSAGE, Math.max(0, end - proc.now));
    if (got === undefined || (got.data.length >= 12 && get16(got.data, 0) === id)) return got?.data;
  }
}

/** Asks by TCP. */
export async function askTcp(session: Session, to: SockAddr, query: Uint8Array): Promise<Outcome> {
  const { proc } = session;
  const sock = openTcp(proc, familyOf(to.addr));
  const timeout = (session.timeout || TCP_TIMEOUT) * SEC;
  const end = proc.now + timeout;
  try {
    await connect(proc, bound(session, to, sock), to, timeout);
  } catch (e) {
    closeSocket(proc, sock);
    return failed(e, 'setup');
  }
  try {
    const sent = proc.now;
    await sendAll(proc, sock, framed(query), timeout);
    const bytes = await replyTcp(session, sock, end);
    if (typeof bytes === 'string') return { kind: 'lost', why: bytes };
    return { kind: 'reply', bytes, micros: micros(sent, proc.now) };
  } catch (e) {
    return failed(e, 'lost');
  } finally {
    closeSocket(proc, sock);
  }
}

async function replyTcp(
  session: Session,
  sock: StreamSocket,
  end: Nanos,
): Promise<Uint8Array | 'ETIMEDOUT' | 'end of file'> {
  const length = await readExactly(session, sock, 2, end);
  return typeof length === 'string' ? length : readExactly(session, sock, get16(length, 0), end);
}

async function readExactly(
  { proc }: Session,
  sock: StreamSocket,
  n: number,
  end: Nanos,
): Promise<Uint8Array | 'ETIMEDOUT' | 'end of file'> {
  const out = new Uint8Array(n);
  for (let at = 0; at < n; ) {
    const got = await recv(proc, sock, n - at, Math.max(0, end - proc.now));
    if (got === undefined) return 'ETIMEDOUT';
    if (got.data.length === 0) return 'end of file';
    out.set(got.data, at);
    at += got.data.length;
  }
  return out;
}

function micros(from: Nanos, to: Nanos): number {
  return Math.floor((to - from) / 1000);
}

function failed(e: unknown, kind: 'setup' | 'lost'): Outcome {
  if (!(e instanceof KernelError)) throw e;
  return { kind, why: e.errno };
}
