import { KernelError } from '@labwire/core/error';
import { POLLIN, type Pollable } from '@labwire/core/sim';
import type { UnixSocket } from '@labwire/devices/unix';
import { bindUnix, closeSocket, findUnix, installSocket, openUnix } from '../libc-net/index.ts';
import type { PollItem, Process } from '../machine/index.ts';
import { REQUEST_LEN, readRequest, writeReply } from './request.ts';
import type { Endpoint, LearningSwitch, SwitchPort } from './switch.ts';

const CHUNK = 65_536;

/** A client that is plugged in: its control connection, and the socket for its frames. */
interface Client {
  readonly control: UnixSocket;
  readonly port: SwitchPort;
  readonly endpoint: Endpoint;
  readonly data: UnixSocket;
  readonly path: string;
}

/** The sockets that clients plug into: `ctl` in a directory, and one for each port. vde2 src/vde_switch/datasock.c */
export class DataSockets {
  readonly #proc: Process;
  readonly #switch: LearningSwitch;
  readonly dir: string;
  readonly #listener: UnixSocket;
  readonly #waiting: UnixSocket[] = [];
  readonly #clients: Client[] = [];

  /** Makes the directory and listens. @throws KernelError */
  constructor(proc: Process, lan: LearningSwitch, dir: string) {
    this.#proc = proc;
    this.#switch = lan;
    this.dir = dir;
    if (!proc.fs.exists(dir)) proc.fs.mkdir(dir, { mode: 0o700 });
    this.#listener = openUnix(proc, 'stream');
    bindUnix(proc, this.#listener, { abstract: false, name: `${dir}/ctl` });
    proc.fs.chmod(`${dir}/ctl`, 0o600);
    this.#listener.listen(15);
  }

  get waits(): PollItem[] {
    const on: Pollable[] = [this.#listener, ...this.#waiting];
    for (const client of this.#clients) on.push(client.control, client.data);
    return on.map((each) => ({ on: each, events: POLLIN }));
  }

  /** Does what there is to do. */
  serve(): void {
    for (let sock = this.#listener.accept(); sock !== undefined; sock = this.#listener.accept()) {
      installSocket(this.#proc, sock);
      this.#waiting.push(sock);
    }
    for (const sock of [...this.#waiting]) this.#request(sock);
    for (const client of [...this.#clients]) this.#turn(client);
  }

  #request(control: UnixSocket): void {
    const got = tryRecv(control, REQUEST_LEN);
    if (got === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(control), 1);
    const request = readRequest(got);
    const port = request === undefined ? undefined : this.#switch.allocate(request.port);
    if (request === undefined || port === undefined) {
      closeSocket(this.#proc, control);
      return;
    }
    const id = this.#switch.nextEndpoint();
    const path = `${this.dir}/${String(port.number).padStart(3, '0')}.${id}`;
    const data = openUnix(this.#proc, 'dgram');
    bindUnix(this.#proc, data, { abstract: false, name: path });
    const endpoint: Endpoint = {
      id,
      module: 'unix prog',
      description: request.description,
      user: 'root',
      send: (frame) => this.#send(data, request.path, frame),
    };
    port.endpoints.push(endpoint);
    this.#clients.push({ control, port, endpoint, data, path });
    control.send(writeReply(path));
  }

  #send(data: UnixSocket, name: string, frame: Uint8Array): void {
    try {
      data.send(frame, findUnix(this.#proc, { abstract: false, name }));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e; // it is on its way out
    }
  }

  #turn(client: Client): void {
    for (let got = client.data.recv(CHUNK); got !== undefined; got = client.data.recv(CHUNK))
      this.#switch.input(client.port, got.data);
    const said = tryRecv(client.control, CHUNK);
    if (said === undefined || said.length > 0) return;
    this.#clients.splice(this.#clients.indexOf(client), 1);
    this.#part(client);
  }

  #part({ control, data, endpoint, path, port }: Client): void {
    this.#switch.leave(port, endpoint);
    for (const sock of [control, data]) closeSocket(this.#proc, sock);
    if (this.#proc.fs.exists(path)) this.#proc.fs.unlink(path);
  }

  /** Takes everything away again. */
  close(): void {
    const { fs } = this.#proc;
    for (const client of this.#clients.splice(0)) this.#part(client);
    closeSocket(this.#proc, this.#listener);
    if (fs.exists(`${this.dir}/ctl`)) fs.unlink(`${this.dir}/ctl`);
    if (fs.exists(this.dir) && fs.readdir(this.dir).length === 0) fs.rmdir(this.dir);
  }
}

/** @returns undefined if nothing has come; empty if the other end has gone */
function tryRecv(sock: UnixSocket, max: number): Uint8Array | undefined {
  try {
    return sock.recv(max)?.data;
  } catch (e) {
    if (e instanceof KernelError) return new Uint8Array(0);
    throw e;
  }
}
