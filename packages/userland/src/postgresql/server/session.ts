import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { POLLIN, POLLOUT } from '@labwire/core/sim';
import { formatInet, type Strand } from '../../libc-net/index.ts';
import { Oid, type Result, SqlError, type Value } from '../sql/index.ts';
import {
  CANCEL_REQUEST,
  FieldReader,
  GSS_REQUEST,
  type Message,
  MessageReader,
  MessageWriter,
  PROTOCOL_3,
  ProtocolError,
  SSL_REQUEST,
} from '../wire/index.ts';
import type { Channel, Peer } from './channel.ts';
import { methodFor } from './hba.ts';
import type { Postmaster } from './postmaster.ts';

/** AuthenticationOk and what else message R may ask for. */
const AUTH_OK = 0;
const AUTH_CLEARTEXT = 3;
const AUTH_MD5 = 5;
const AUTH_SASL = 10;

/** What ends a session. */
class Fatal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** One client's session: start-up, authentication, queries. src/backend/tcop/postgres.c */
export class Session {
  readonly #server: Postmaster;
  readonly #channel: Channel;
  readonly #peer: Peer;
  readonly #reader = new MessageReader(true);
  #user = '';
  #database = '';

  constructor(server: Postmaster, channel: Channel, peer: Peer) {
    this.#server = server;
    this.#channel = channel;
    this.#peer = peer;
  }

  /** Serves the client until it leaves. */
  *run(): Strand {
    try {
      if (!(yield* this.#start())) return;
      yield* this.#queries();
    } catch (e) {
      if (e instanceof Fatal) {
        this.#log('FATAL', e.message);
        yield* this.#send(errorMessage('FATAL', e.code, e.message, undefined));
      } else if (!(e instanceof KernelError || e instanceof ProtocolError)) throw e;
    }
  }

  #log(severity: string, text: string): void {
    this.#server.log(`${severity}:  ${text}`, `${this.#user}@${this.#database}`);
  }

  /** The next message; undefined once the client has gone. */
  *#receive(): Strand<Message | undefined> {
    for (;;) {
      const message = this.#reader.next();
      if (message !== undefined) return message;
      const got = this.#channel.recv(8192);
      if (got === undefined) yield { on: this.#channel, events: POLLIN };
      else if (got.data.length === 0) return undefined;
      else this.#reader.feed(got.data);
    }
  }

  *#send(...messages: readonly Uint8Array[]): Strand {
    for (const message of messages)
      for (let at = 0; at < message.length; ) {
        const taken = this.#channel.send(message.subarray(at));
        if (taken === undefined) yield { on: this.#channel, events: POLLOUT };
        else at += taken;
      }
  }

  /** @returns false if the client left before it was let in */
  *#start(): Strand<boolean> {
    for (;;) {
      const packet = yield* this.#receive();
      if (packet === undefined) return false;
      const fields = new FieldReader(packet.body);
      const version = fields.int32();
      if (version === CANCEL_REQUEST) return false;
      if (version === SSL_REQUEST || version === GSS_REQUEST) {
        yield* this.#send(new Uint8Array(['N'.charCodeAt(0)]));
        continue;
      }
      if (version >> 16 !== PROTOCOL_3 >> 16)
        throw new Fatal(
          '0A000',
          `unsupported frontend protocol ${version >> 16}.${version & 0xffff}: server supports 3.0 to 3.0`,
        );
      this.#readParameters(fields);
      this.#reader.startup = false;
      if (!(yield* this.#authenticate())) return false;
      yield* this.#send(...this.#welcome());
      return true;
    }
  }

  #readParameters(fields: FieldReader): void {
    const parameters = new Map<string, string>();
    for (let name = fields.text(); name !== ''; name = fields.text())
      parameters.set(name, fields.text());
    this.#user = parameters.get('user') ?? '';
    this.#database = parameters.get('database') ?? this.#user;
    if (this.#user === '')
      throw new Fatal('28000', 'no PostgreSQL user name specified in startup packet');
  }

  *#authenticate(): Strand<boolean> {
    const { address, local } = this.#peer;
    const who = { user: this.#user, database: this.#database, address, local };
    const method = methodFor(this.#server.hba, who);
    const about = `user "${who.user}", database "${who.database}", no encryption`;
    const from = address === undefined ? '[local]' : formatInet(address);
    if (method === undefined)
      throw new Fatal('28000', `no pg_hba.conf entry for host "${from}", ${about}`);
    if (method === 'reject')
      throw new Fatal('28000', `pg_hba.conf rejects connection for host "${from}", ${about}`);
    if (method === 'peer') this.#checkPeer();
    else if (method !== 'trust') return yield* this.#password(method);
    this.#checkNames();
    return true;
  }

  #checkPeer(): void {
    const { uid } = this.#peer;
    const name = uid === undefined ? undefined : this.#server.userName(uid);
    if (name === this.#user) return;
    throw new Fatal('28000', `Peer authentication failed for user "${this.#user}"`);
  }

  /** No role has a password, so that none is ever right. */
  *#password(method: string): Strand<boolean> {
    const ask = new MessageWriter();
    if (method === 'password') ask.int32(AUTH_CLEARTEXT);
    else if (method === 'md5') ask.int32(AUTH_MD5).int32(this.#server.random());
    else ask.int32(AUTH_SASL).text('SCRAM-SHA-256').byte(0);
    yield* this.#send(ask.build('R'));
    const answer = yield* this.#receive();
    if (answer === undefined) return false;
    throw new Fatal('28P01', `password authentication failed for user "${this.#user}"`);
  }

  #checkNames(): void {
    if (!this.#server.roles.has(this.#user))
      throw new Fatal('28000', `role "${this.#user}" does not exist`);
    if (!this.#server.databases.has(this.#database))
      throw new Fatal('3D000', `database "${this.#database}" does not exist`);
  }

  #welcome(): Uint8Array[] {
    const parameter = (name: string, value: string) =>
      new MessageWriter().text(name).text(value).build('S');
    return [
      new MessageWriter().int32(AUTH_OK).build('R'),
      parameter('client_encoding', 'UTF8'),
      parameter('DateStyle', 'ISO, MDY'),
      parameter('is_superuser', 'on'),
      parameter('server_encoding', 'UTF8'),
      parameter('server_version', this.#server.settings.get('server_version') ?? ''),
      parameter('session_authorization', this.#user),
      parameter('standard_conforming_strings', 'on'),
      parameter('TimeZone', 'Etc/UTC'),
      new MessageWriter().int32(this.#server.pid).int32(this.#server.random()).build('K'),
      READY,
    ];
  }

  *#queries(): Strand {
    for (;;) {
      const message = yield* this.#receive();
      if (message === undefined || message.type === 'X') return;
      if (message.type === 'Q') yield* this.#query(new FieldReader(message.body).text());
      else
        yield* this.#send(
          errorMessage(
            'ERROR',
            '0A000',
            `message '${message.type}' is not supported by Labwire, which has simple queries`,
            undefined,
          ),
          READY,
        );
    }
  }

  *#query(sql: string): Strand {
    const answers: Uint8Array[] = [];
    const database = this.#server.databases.get(this.#database);
    try {
      if (sql.trim() === '') answers.push(new MessageWriter().build('I'));
      database?.run(
        sql,
        { call: (name, at) => this.#call(name, at), setting: (n) => this.#setting(n) },
        (r) => answers.push(...resultMessages(r)),
      );
    } catch (e) {
      if (!(e instanceof SqlError)) throw e;
      const where = e.position === undefined ? '' : ` at character ${e.position + 1}`;
      this.#log('ERROR', `${e.message}${where}`);
      this.#log('STATEMENT', sql);
      answers.push(errorMessage('ERROR', e.code, e.message, e.position, e.hint));
    }
    yield* this.#send(...answers, READY);
  }

  #setting(name: string): string | undefined {
    return this.#server.settings.get(name);
  }

  /** Functions without arguments. */
  #call(name: string, at: number): Value {
    const { address, local } = this.#peer;
    const inet = (a: typeof address): Value => ({
      type: Oid.inet,
      text: a === undefined ? null : formatInet(a),
    });
    switch (name) {
      case 'version':
        return {
          type: Oid.text,
          text: 'PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit',
        };
      case 'current_user':
      case 'session_user':
      case 'user':
        return { type: Oid.name, text: this.#user };
      case 'current_database':
        return { type: Oid.name, text: this.#database };
      case 'inet_client_addr':
        return inet(address);
      case 'inet_server_addr':
        return inet(local);
      case 'inet_client_port':
        return { type: Oid.int4, text: address === undefined ? null : String(this.#peer.port) };
      case 'inet_server_port':
        return {
          type: Oid.int4,
          text: address === undefined ? null : (this.#setting('port') ?? null),
        };
      case 'now':
        return { type: Oid.timestamptz, text: this.#server.timestamp() };
      default:
        throw new SqlError(
          '42883',
          `function ${name}() does not exist`,
          at,
          'No function matches the given name and argument types. You might need to add explicit type casts.',
        );
    }
  }
}

/** ReadyForQuery, outside a transaction. */
const READY: Uint8Array = new MessageWriter().byte('I'.charCodeAt(0)).build('Z');

function errorMessage(
  severity: string,
  code: string,
  message: string,
  position: number | undefined,
  hint?: string,
): Uint8Array {
  const writer = new MessageWriter();
  const field = (letter: string, text: string) => writer.byte(letter.charCodeAt(0)).text(text);
  field('S', severity);
  field('V', severity);
  field('C', code);
  field('M', message);
  if (hint !== undefined) field('H', hint);
  if (position !== undefined) field('P', String(position + 1));
  return writer.byte(0).build('E');
}

/** Bytes of a type's values; -1 if they vary. pg_type.typlen */
function sizeOf(type: number): number {
  const sizes: Readonly<Record<number, number>> = {
    [Oid.bool]: 1,
    [Oid.int4]: 4,
    [Oid.int8]: 8,
    [Oid.timestamptz]: 8,
    [Oid.name]: 64,
  };
  return sizes[type] ?? -1;
}

function resultMessages({ columns, rows, tag }: Result): Uint8Array[] {
  const messages: Uint8Array[] = [];
  if (columns !== undefined) {
    const head = new MessageWriter().int16(columns.length);
    for (const { name, type } of columns)
      head.text(name).int32(0).int16(0).int32(type).int16(sizeOf(type)).int32(-1).int16(0);
    messages.push(head.build('T'), ...rows.map(rowMessage));
  }
  messages.push(new MessageWriter().text(tag).build('C'));
  return messages;
}

function rowMessage(row: readonly Value[]): Uint8Array {
  const writer = new MessageWriter().int16(row.length);
  for (const { text } of row) {
    if (text === null) writer.int32(-1);
    else {
      const data = utf8Encode(text);
      writer.int32(data.length).bytes(data);
    }
  }
  return writer.build('D');
}
