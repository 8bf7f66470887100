import type { SockAddr, Socket } from '@labwire/devices/sock';
import { formatDate } from '../coreutils/index.ts';
import { formatInet } from '../libc-net/index.ts';
import { JsonObject } from './json.ts';
import type { Session } from './session.ts';
import type { Stream } from './stream.ts';

/*
 * What is printed before the first interval. iperf_api.c, iperf_on_connect(), connect_msg(), iperf_on_test_start()
 */

/** An address without the prefix that stands for IPv4 on an IPv6 socket. mapped_v4_to_regular_v4() */
function shown(at: SockAddr | undefined): string {
  return at === undefined ? '' : formatInet(at.addr).replace(/^::ffff:/, '');
}

/** `iperf 3.12` and the machine, with -V. */
export async function reportVersion(session: Session): Promise<void> {
  const { json, o } = session;
  if (json !== undefined) {
    json.start.add('version', 'iperf 3.12');
    json.start.add('system_info', session.systemInfo);
  } else if (o.verbose) {
    await session.print('iperf 3.12\n');
    await session.print('');
    await session.print(`${session.systemInfo}\n`);
  }
}

/** The control connection stands, and both sides know the parameters. */
export async function reportConnect(session: Session, peer: SockAddr | undefined): Promise<void> {
  const { json, o, role } = session;
  const clock = Math.floor(session.proc.machine.wallClock);
  const time = formatDate('%a, %d %b %Y %H:%M:%S GMT', clock);
  const host = role === 'c' ? o.host : shown(peer);
  const port = role === 'c' ? o.port : (peer?.port ?? 0);
  if (json !== undefined) {
    json.start.add('timestamp', JsonObject.of({ time, timesecs: clock }));
    const name = role === 'c' ? 'connecting_to' : 'accepted_connection';
    json.start.add(name, JsonObject.of({ host, port }));
    json.start.add('cookie', session.cookie);
    if (o.protocol === 'TCP') {
      if (o.mss > 0) json.start.add('tcp_mss', o.mss);
      else json.start.add('tcp_mss_default', session.controlMss);
    }
    json.start.add('target_bitrate', o.rate);
    return;
  }
  if (o.verbose) await session.print(`Time: ${time}\n`);
  if (role === 's') await session.print(`Accepted connection from ${host}, port ${port}\n`);
  else {
    await session.print(`Connecting to host ${host}, port ${port}\n`);
    if (o.reverse) await session.print(`Reverse mode, remote host ${host} is sending\n`);
  }
  if (o.verbose) await reportDetails(session);
}

async function reportDetails(session: Session): Promise<void> {
  const { o } = session;
  await session.print(`      Cookie: ${session.cookie}\n`);
  if (o.protocol === 'TCP') {
    const mss = o.mss > 0 ? `${o.mss}` : `${session.controlMss} (default)`;
    await session.print(`      TCP MSS: ${mss}\n`);
  }
  if (o.rate > 0) await session.print(`      Target Bitrate: ${o.rate}\n`);
}

/** A stream stands. */
export async function reportStream(session: Session, stream: Stream): Promise<void> {
  const local = stream.sock.localAddr();
  const remote = stream.sock.remoteAddr();
  const ends = {
    socket: stream.fd,
    local_host: shown(local),
    local_port: local.port,
    remote_host: shown(remote),
    remote_port: remote?.port ?? 0,
  };
  if (session.json !== undefined) {
    session.json.connected.push(JsonObject.of(ends));
    return;
  }
  await session.print(
    `[${String(ends.socket).padStart(3)}] local ${ends.local_host} port ${ends.local_port} connected to ${ends.remote_host} port ${ends.remote_port}\n`,
  );
}

/** The buffers of a socket that carries data, in JSON alone. */
export function reportBuffers(session: Session, sock: Socket): void {
  const { json, o } = session;
  if (json === undefined) return;
  json.start.add('sock_bufsize', o.window);
  json.start.add('sndbuf_actual', sock.sndBuf);
  json.start.add('rcvbuf_actual', sock.rcvBuf);
}

/** The test begins. */
export async function reportStart(session: Session): Promise<void> {
  const { json, o } = session;
  if (json !== undefined) {
    json.start.add(
      'test_start',
      JsonObject.of({
        protocol: o.protocol,
        num_streams: o.streams,
        blksize: o.blksize,
        omit: o.omit,
        duration: o.duration,
        bytes: o.bytes,
        blocks: o.blocks,
        reverse: o.reverse ? 1 : 0,
        tos: o.tos,
        target_bitrate: o.rate,
      }),
    );
    return;
  }
  if (!o.verbose) return;
  const amount =
    o.bytes > 0
      ? `${o.bytes} bytes to send`
      : o.blocks > 0
        ? `${o.blocks} blocks to send`
        : `${o.duration} second test`;
  await session.print(
    `Starting Test: protocol: ${o.protocol}, ${o.streams} streams, ${o.blksize} byte blocks, omitting ${o.omit} seconds, ${amount}, tos ${o.tos}\n`,
  );
}
