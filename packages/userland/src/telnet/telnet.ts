import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import type { SockAddr } from '@labwire/devices/sock';
import {
  closeSocket,
  connect,
  familyOf,
  formatSockHost,
  type GetoptTable,
  getopt,
  openTcp,
  type StreamSocket,
  serviceByName,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { gaiStrerror, resolve } from '../resolver/index.ts';

const TELNET_PORT = 23;
/** Interpret as command, and what may follow. RFC 854 */
const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const SE = 240;
/** Ctrl-]: leads to the command mode of the real program. */
const ESCAPE = 29;

/** What its command line may hold. */
export const TELNET_OPTIONS: GetoptTable = { letters: '468Ek:l:e:Lacdfrxb:n:KS:X:' };

/** telnet(1), the line mode of Debian's inetutils and netkit clients. */
export async function telnet(proc: Process): Promise<number> {
  const { options, operands, error } = getopt(proc.argv.slice(1), TELNET_OPTIONS.letters);
  const family = options.some((o) => o.opt === '6')
    ? 'inet6'
    : options.some((o) => o.opt === '4')
      ? 'inet'
      : undefined;
  const [host, service] = operands;
  if (error !== undefined || host === undefined) {
    const why = error ?? 'the command mode is not supported here; name a host';
    await proc.err(`telnet: ${why}\nUsage: telnet [-4] [-6] [host-name [port]]\n`);
    return 1;
  }
  const port = service === undefined ? TELNET_PORT : portOf(proc, service);
  if (port === undefined) {
    await proc.err(`telnet: could not resolve ${host}/${service}: ${gaiStrerror('EAI_SERVICE')}\n`);
    return 1;
  }
  const found = await resolve(proc, host, family);
  if ('error' in found) {
    const name = service ?? 'telnet';
    await proc.err(`telnet: could not resolve ${host}/${name}: ${gaiStrerror(found.error)}\n`);
    return 1;
  }
  const sock = await connectAny(proc, found.addrs, port);
  if (sock === undefined) return 1;
  await proc.out(`Connected to ${found.canonName}.\nEscape character is '^]'.\n`);
  await converse(proc, sock);
  closeSocket(proc, sock);
  await proc.err('Connection closed by foreign host.\n');
  return 1;
}

function portOf(proc: Process, text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : serviceByName(proc.fs, text, 'tcp')?.port;
}

async function connectAny(
  proc: Process,
  addrs: readonly SockAddr[],
  port: number,
): Promise<StreamSocket | undefined> {
  for (const [i, addr] of addrs.entries()) {
    await proc.out(`Trying ${formatSockHost(addr, proc.netns)}...\n`);
    const sock = openTcp(proc, familyOf(addr.addr));
    try {
      await connect(proc, sock, { ...addr, port });
      return sock;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      closeSocket(proc, sock);
      if (i + 1 < addrs.length)
        await proc.err(
          `telnet: connect to address ${formatSockHost(addr, proc.netns)}: ${strerror(e.errno)}\n`,
        );
      else await proc.err(`telnet: Unable to connect to remote host: ${strerror(e.errno)}\n`);
    }
  }
  return undefined;
}

/** Copies both ways until the other end closes, or standard input ends. */
async function converse(proc: Process, sock: StreamSocket): Promise<void> {
  const stdin = proc.file(0);
  const filter = new TelnetFilter();
  for (;;) {
    await proc.poll(
      [
        { on: sock, events: POLLIN },
        { on: stdin, events: POLLIN },
      ],
      undefined,
      'data for telnet',
    );
    try {
      const got = sock.recv(8192);
      if (got !== undefined) {
        if (got.data.length === 0) return;
        const { text, reply } = filter.take(got.data);
        if (reply.length > 0) sock.send(reply);
        if (text.length > 0) await proc.write(1, text);
      }
      if ((stdin.poll() & POLLIN) === 0) continue;
      const typed = stdin.read(8192);
      if (typed === undefined) continue;
      if (typed.length === 0 || typed.includes(ESCAPE)) return;
      sock.send(toNetwork(typed));
    } catch (e) {
      if (e instanceof KernelError) return;
      throw e;
    }
  }
}

/** A newline goes out as CRLF, and IAC doubled. RFC 854 */
function toNetwork(data: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of data) {
    if (byte === 10) out.push(13);
    out.push(byte);
    if (byte === IAC) out.push(IAC);
  }
  return Uint8Array.from(out);
}

/** Takes commands out of what comes in, and declines every option. */
class TelnetFilter {
  #state: 'data' | 'iac' | 'option' | 'sub' | 'sub-iac' = 'data';
  #command = 0;

  take(data: Uint8Array): { text: Uint8Array; reply: Uint8Array } {
    const text: number[] = [];
    const reply: number[] = [];
    for (const byte of data) this.#one(byte, text, reply);
    return { text: Uint8Array.from(text), reply: Uint8Array.from(reply) };
  }

  #one(byte: number, text: number[], reply: number[]): void {
    switch (this.#state) {
      case 'data':
        if (byte === IAC) this.#state = 'iac';
        else if (byte !== 13) text.push(byte);
        break;
      case 'iac':
        this.#state = 'data';
        if (byte === IAC) text.push(byte);
        else if (byte === SB) this.#state = 'sub';
        else if (byte >= WILL && byte <= DONT) {
          this.#command = byte;
          this.#state = 'option';
        }
        break;
      case 'option':
        this.#state = 'data';
        if (this.#command === DO) reply.push(IAC, WONT, byte);
        else if (this.#command === WILL) reply.push(IAC, DONT, byte);
        break;
      case 'sub':
        if (byte === IAC) this.#state = 'sub-iac';
        break;
      case 'sub-iac':
        this.#state = byte === SE ? 'data' : 'sub';
    }
  }
}
