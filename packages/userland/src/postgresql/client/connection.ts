import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import type { SockAddr } from '@labwire/devices/sock';
import {
  closeSocket,
  connect,
  familyOf,
  formatInet,
  openTcp,
  recv,
  type StreamSocket,
} from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { gaiStrerror, resolve } from '../../resolver/index.ts';
import type { Channel, LocalEnd, LocalListener } from '../server/index.ts';
import {
  FieldReader,
  type Message,
  MessageReader,
  MessageWriter,
  PROTOCOL_3,
} from '../wire/index.ts';
import type { ConnInfo } from './conninfo.ts';

const SOCKET_DIR = '/var/run/postgresql';
const AUTH_OK = 0;
const AUTH_CLEARTEXT = 3;
const AUTH_SASL = 10;

/** Why there is no connection: the whole of what psql prints behind `error: `. */
export class ConnectError extends Error {
  /** Somebody answered, if only to say no. */
  readonly answered: boolean;
  /** A password would help. */
  readonly needsPassword: boolean;

  constructor(message: string, answered = false, needsPassword = false) {
    super(message);
    this.answered = answered;
    this.needsPassword = needsPassword;
  }
}

/** An error or notice from the server, field by field. */
export type ErrorFields = ReadonlyMap<string, string>;

/** Reads the body of an error. */
export function errorFields(body: Uint8Array): ErrorFields {
  const fields = new FieldReader(body);
  const found = new Map<string, string>();
  for (let code = fields.byte(); code !== 0; code = fields.byte())
    found.set(String.fromCharCode(code), fields.text());
  return found;
}

/** A client's connection. src/interfaces/libpq */
export class Connection {
  readonly #proc: Process;
  readonly #channel: Channel;
  readonly #reader = new MessageReader(false);
  readonly #close: () => void;
  /** `on host "…" (address "…") at port "…"` as \conninfo tells it. */
  readonly where: string;

  private constructor(proc: Process, channel: Channel, where: string, close: () => void) {
    this.#proc = proc;
    this.#channel = channel;
    this.where = where;
    this.#close = close;
  }

  /** Connects and logs in. @throws ConnectError */
  static async open(proc: Process, info: ConnInfo): Promise<Connection> {
    if (info.host === undefined || info.host.startsWith('/')) return Connection.#local(proc, info);
    const found = await resolve(proc, info.host);
    if ('error' in found)
      throw new ConnectError(
        `could not translate host name "${info.host}" to address: ${gaiStrerror(found.error)}`,
      );
    const failures: string[] = [];
    for (const to of found.addrs) {
      try {
        return await Connection.#tcp(proc, info, to);
      } catch (e) {
        if (!(e instanceof ConnectError) || e.answered) throw e;
        failures.push(e.message);
      }
    }
    throw new ConnectError(failures.join('\n'));
  }

  static async #local(proc: Process, info: ConnInfo): Promise<Connection> {
    const path = `${info.host ?? SOCKET_DIR}/.s.PGSQL.${info.port}`;
    const head = `connection to server on socket "${path}" failed: `;
    let end: LocalEnd;
    try {
      end = (proc.fs.socketAt(path) as LocalListener).connect(proc.uid);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new ConnectError(
        `${head}${e.message}\n\tIs the server running locally and accepting connections on that socket?`,
      );
    }
    const where = `via socket in "${info.host ?? SOCKET_DIR}" at port "${info.port}"`;
    const connection = new Connection(proc, end, where, () => end.close());
    await connection.#logIn(info, head);
    return connection;
  }

  static async #tcp(proc: Process, info: ConnInfo, to: SockAddr): Promise<Connection> {
    const text = formatInet(to.addr);
    const address = text === info.host ? '' : ` (${text})`;
    const head = `connection to server at "${info.host}"${address}, port ${info.port} failed: `;
    const sock = openTcp(proc, familyOf(to.addr));
    try {
      const timeout = info.timeout === undefined ? undefined : info.timeout * SEC;
      await connect(proc, sock, { addr: to.addr, port: Number(info.port) }, timeout);
    } catch (e) {
      closeSocket(proc, sock);
      if (!(e instanceof KernelError)) throw e;
      if (e.errno === 'EINPROGRESS') throw new ConnectError(`${head}timeout expired`);
      throw new ConnectError(
        `${head}${e.message}\n\tIs the server running on that host and accepting TCP/IP connections?`,
      );
    }
    const place = address === '' ? '' : ` (address "${text}")`;
    const where = `on host "${info.host}"${place} at port "${info.port}"`;
    const connection = new Connection(proc, sock, where, () => closeSocket(proc, sock));
    await connection.#logIn(info, head);
    return connection;
  }

  async #logIn(info: ConnInfo, head: string): Promise<void> {
    const startup = new MessageWriter()
      .int32(PROTOCOL_3)
      .text('user')
      .text(info.user)
      .text('database')
      .text(info.database)
      .text('application_name')
      .text('psql')
      .text('client_encoding')
      .text('UTF8')
      .byte(0);
    await this.send(startup.build(undefined));
    for (;;) {
      const message = await this.receive();
      if (message === undefined)
        throw new ConnectError(
          `${head}server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.`,
          true,
        );
      if (message.type === 'E') {
        const fields = errorFields(message.body);
        throw new ConnectError(`${head}${fields.get('S')}:  ${fields.get('M')}`, true);
      }
      if (message.type === 'R') await this.#authenticate(message.body, info, head);
      if (message.type === 'Z') return;
    }
  }

  async #authenticate(body: Uint8Array, info: ConnInfo, head: string): Promise<void> {
    const kind = new FieldReader(body).int32();
    if (kind === AUTH_OK) return;
    if (info.password === undefined)
      throw new ConnectError(`${head}fe_sendauth: no password supplied`, true, true);
    const { random } = this.#proc.machine.kernel;
    if (kind === AUTH_CLEARTEXT) {
      await this.send(new MessageWriter().text(info.password).build('p'));
    } else if (kind === AUTH_SASL) {
      const nonce = Array.from({ length: 6 }, () => random.u32().toString(36)).join('');
      const first = utf8Encode(`n,,n=,r=${nonce}`);
      const answer = new MessageWriter().text('SCRAM-SHA-256').int32(first.length).bytes(first);
      await this.send(answer.build('p'));
    } else
      throw new ConnectError(
        `${head}authentication method ${kind} not supported by Labwire: trust, peer, password and scram-sha-256 are`,
        true,
      );
  }

  async send(data: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < data.length; ) {
        const taken = this.#channel.send(data.subarray(at));
        if (taken !== undefined) at += taken;
        else await this.#proc.poll([{ on: this.#channel, events: 4 }], undefined, 'room to send');
      }
    } catch (e) {
      // the end of the connection is seen by whoever reads next
      if (!(e instanceof KernelError)) throw e;
    }
  }

  /** The next message; undefined once the server has gone. */
  async receive(): Promise<Message | undefined> {
    for (;;) {
      const message = this.#reader.next();
      if (message !== undefined) return message;
      try {
        const got = await recv(this.#proc, this.#channel as StreamSocket, 8192);
        if (got === undefined || got.data.length === 0) return undefined;
        this.#reader.feed(got.data);
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        return undefined;
      }
    }
  }

  /** Says good-bye. */
  async close(): Promise<void> {
    await this.send(new MessageWriter().build('X'));
    this.#close();
  }
}
