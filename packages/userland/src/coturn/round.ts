import { errnoNumber, KernelError, strerror } from '@labwire/core/error';
import { type Nanos, SEC } from '@labwire/core/sim';
import {
  changeRequestAttribute,
  findStunAttribute,
  readStunAddress,
  STUN_ATTR_ERROR_CODE,
  STUN_ATTR_MAPPED_ADDRESS,
  STUN_ATTR_OTHER_ADDRESS,
  STUN_ATTR_PADDING,
  STUN_ATTR_RESPONSE_ORIGIN,
  STUN_ATTR_RESPONSE_PORT,
  STUN_ATTR_XOR_MAPPED_ADDRESS,
  STUN_BINDING_ERROR,
  STUN_BINDING_REQUEST,
  STUN_BINDING_RESPONSE,
  type StunAddress,
  type StunAttribute,
  type StunMessage,
} from '@labwire/core/wire';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import { familyOf, openUdp, parseInet, recv, sameInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { gaiStrerror, resolve } from '../resolver/index.ts';
import { decodeStun, encodeStun, newRequest } from '../stun/index.ts';
import { addrText, CoturnLog } from './log.ts';

/** How long natdiscovery waits for an answer. */
export const RECEIVE_TIMEOUT: Nanos = 3 * SEC;
/** Bytes of padding that -P adds. */
const PADDING = 1500;

/** What a request asks for. */
export interface RoundRequest {
  readonly changeIp?: boolean;
  readonly changePort?: boolean;
  readonly padding?: boolean;
  readonly responsePort?: number;
}

/** What an answer told. */
export interface Learned {
  /** How the server sees the client. */
  readonly reflexive: StunAddress;
  /** The server's other address: it speaks RFC 5780. */
  readonly other: StunAddress | undefined;
}

/** An answer, or anything else that came in time. */
export type Round = { readonly learned: Learned | undefined } | 'timeout';

/** Ends a client: its text is printed, and it exits with 255. err(3) */
export class ClientError extends Error {}

function attributesOf(request: RoundRequest): StunAttribute[] {
  const { changeIp = false, changePort = false, responsePort } = request;
  const attributes: StunAttribute[] = [];
  if (responsePort !== undefined) {
    const value = Uint8Array.from([responsePort >> 8, responsePort & 0xff, 0, 0]);
    attributes.push({ type: STUN_ATTR_RESPONSE_PORT, value });
  }
  if (changeIp || changePort)
    attributes.push(changeRequestAttribute({ ip: changeIp, port: changePort }));
  if (request.padding === true)
    attributes.push({ type: STUN_ATTR_PADDING, value: new Uint8Array(PADDING) });
  return attributes;
}

/** What both of coturn's clients do: send a request, wait for its answer, and print what it tells. */
export class StunRounds {
  readonly #proc: Process;
  readonly #log: CoturnLog;
  /** Whether `Mapped == XOR-Mapped` and the local address are told of, as natdiscovery does. */
  readonly #wordy: boolean;
  #answers = 0;

  constructor(proc: Process, wordy: boolean) {
    this.#proc = proc;
    this.#log = new CoturnLog(proc);
    this.#wordy = wordy;
  }

  /** Where a server is. @throws ClientError */
  async server(host: string, port: number): Promise<SockAddr> {
    const found = await resolve(this.#proc, host);
    if ('error' in found) {
      const why = gaiStrerror(found.error);
      await this.#proc.err(`error resolving '${host}' hostname: ${why}\n`);
      throw new ClientError(strerror('EAGAIN'));
    }
    return { addr: (found.addrs[0] as SockAddr).addr, port };
  }

  /** A socket for talking to `server`. @param local where it is bound to if anything of it is given. @throws ClientError */
  async open(server: SockAddr, local: { addr?: InetAddr; port: number }): Promise<Socket> {
    const family = familyOf(server.addr);
    const socket = openUdp(this.#proc, family);
    if (local.addr === undefined && local.port === 0) return socket;
    const addr = local.addr ?? (parseInet(family === 'inet' ? '0.0.0.0' : '::') as InetAddr);
    try {
      socket.bind({ addr, port: local.port });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await this.#proc.err(`bind: ${strerror(e.errno)}\n`);
      const where = addrText({ addr, port: local.port });
      const fd = this.#proc.freeFd() - 1;
      await this.#log.line(`Trying to bind fd ${fd} to <${where}>: errno=${errnoNumber(e.errno)}`);
      throw new ClientError(strerror(e.errno));
    }
    return socket;
  }

  /** Sends a request. @throws ClientError */
  send(socket: Socket, server: SockAddr, request: RoundRequest): void {
    try {
      socket.send(encodeStun(newRequest(this.#proc, attributesOf(request))), server);
    } catch (e) {
      if (e instanceof KernelError) throw new ClientError(strerror(e.errno));
      throw e;
    }
  }

  /** Waits for an answer and prints it. @param local the client's own address, as printed */
  async receive(socket: Socket, local: SockAddr, timeout?: Nanos): Promise<Round> {
    const got = await recv(this.#proc, socket, 65_536, timeout);
    if (got === undefined) {
      await this.#proc.out('STUN receive timeout..\n');
      return 'timeout';
    }
    const message = decodeStun(got.data);
    if (message === undefined) {
      await this.#proc.out('The response is not a STUN message\n');
      return 'timeout';
    }
    if (message.type === STUN_BINDING_RESPONSE)
      return { learned: await this.#tellResponse(message, local) };
    await this.#proc.out(otherText(message));
    return { learned: undefined };
  }

  async #tellResponse(message: StunMessage, local: SockAddr): Promise<Learned | undefined> {
    const reflexive = address(message, STUN_ATTR_XOR_MAPPED_ADDRESS, message.id);
    if (reflexive === undefined) {
      await this.#proc.out('Cannot read the response\n');
      return undefined;
    }
    const other = address(message, STUN_ATTR_OTHER_ADDRESS);
    if (other !== undefined) await this.#tellBehaviour(message, reflexive, other);
    await this.#log.addr('UDP reflexive addr', reflexive);
    if (this.#wordy) await this.#log.addr('Local addr: ', local);
    return { reflexive, other };
  }

  async #tellBehaviour(
    message: StunMessage,
    reflexive: StunAddress,
    other: StunAddress,
  ): Promise<void> {
    const out = (text: string) => this.#proc.out(text);
    await out(`\n${'='.repeat(40)}\nRFC 5780 response ${++this.#answers}\n`);
    if (this.#wordy) {
      const mapped = address(message, STUN_ATTR_MAPPED_ADDRESS);
      if (mapped === undefined) await out('Not received mapped address attribute.\n');
      else if (sameAddress(mapped, reflexive)) await out('No ALG: Mapped == XOR-Mapped\n');
      else {
        await out('-= ALG detected! Mapped and XOR-Mapped differ! =-\n');
        await this.#log.addr('Mapped Address: ', mapped);
      }
    }
    const origin = address(message, STUN_ATTR_RESPONSE_ORIGIN);
    if (origin !== undefined) await this.#log.addr('Response origin: ', origin);
    await this.#log.addr('Other addr: ', other);
  }
}

function otherText(message: StunMessage): string {
  if (message.type === STUN_BINDING_REQUEST)
    return 'Received a request (maybe a successful hairpinning)\n';
  if (message.type !== STUN_BINDING_ERROR) return 'The response is not a response message\n';
  const value = findStunAttribute(message, STUN_ATTR_ERROR_CODE)?.value;
  if (value === undefined) return 'The response is an unrecognized error\n';
  const code = (value[2] ?? 0) * 100 + (value[3] ?? 0);
  const reason = String.fromCharCode(...value.slice(4).filter((c) => c !== 0));
  return `The response is an error ${code} (${reason})\n`;
}

function address(message: StunMessage, type: number, id?: Uint8Array): StunAddress | undefined {
  const attribute = findStunAttribute(message, type);
  return attribute === undefined ? undefined : readStunAddress(attribute, id);
}

/** addr_eq() */
export function sameAddress(a: StunAddress, b: StunAddress): boolean {
  return a.port === b.port && sameInet(a.addr, b.addr);
}
