import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { Process } from '../machine/index.ts';
import { SIGHUP, SIGINT, SIGTERM } from '../machine/index.ts';
import { Client } from './client.ts';
import { IperfError } from './errors.ts';
import { formatJson } from './json.ts';
import { type IperfOptions, type OtherRequest, readOptions } from './options.ts';
import { Server } from './server.ts';
import { Session } from './session.ts';
import { refusal, USAGE } from './usage.ts';

/** A signal has come that ends a test with a report. */
class EndSignal extends Error {}

const FEATURES =
  "TCP congestion algorithm setting, sendfile / zerocopy, bind to device, support IPv4 don't fragment";

/** iperf3(1). Source: iperf src/main.c */
export async function iperf3(proc: Process): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(proc.argv.slice(1));
  } catch (e) {
    if (!(e instanceof IperfError)) throw e;
    await proc.err(`iperf3: parameter error - ${e.message}\n\n${USAGE}`);
    return 1;
  }
  if ('kind' in options) return other(proc, options);
  await warnOfJson(proc, options);
  return new Program(proc, options).run();
}

async function other(proc: Process, request: OtherRequest): Promise<number> {
  if (request.kind === 'help') await proc.out(USAGE);
  else if (request.kind === 'version') await proc.out(versionText(proc));
  else if (request.kind === 'refused') await proc.err(refusal(request.text));
  else await proc.err(`iperf3: ${request.text}\n${USAGE}`);
  return request.kind === 'help' || request.kind === 'version' ? 0 : 1;
}

function versionText(proc: Process): string {
  const { systemInfo } = new Session(proc, {} as IperfOptions, 'c', () => Promise.resolve());
  return `iperf 3.12 (cJSON 1.7.15)\n${systemInfo}\nOptional features available: ${FEATURES}\n`;
}

async function warnOfJson(proc: Process, o: IperfOptions): Promise<void> {
  if (!o.json) return;
  const warn = (text: string) => proc.err(`warning: ${text}\n`);
  if (o.format !== 'a') await warn('Report format (-f) flag ignored with JSON output (-J)');
  if (o.verbose) await warn('Verbose output (-v) may interfere with JSON output (-J)');
}

/** The program with its output and signals. */
class Program {
  readonly #proc: Process;
  readonly #o: IperfOptions;
  #log: number | undefined;

  constructor(proc: Process, options: IperfOptions) {
    this.#proc = proc;
    this.#o = options;
  }

  async run(): Promise<number> {
    if (this.#o.daemon) return this.#daemonize();
    return this.#work(this.#proc);
  }

  /** Goes on as a process of its own, without a terminal. daemon(3) */
  #daemonize(): number {
    const proc = this.#proc;
    const fd = proc.open('/dev/null', { read: true, write: true });
    const file = proc.file(fd);
    const fds = new Map([0, 1, 2].map((n) => [n, file] as const));
    proc.spawn(proc.argv, (child) => new Program(child, this.#o).#work(child), {
      fds,
      background: true,
      cwd: '/',
    });
    return 0;
  }

  async #work(proc: Process): Promise<number> {
    for (const signal of [SIGINT, SIGTERM, SIGHUP])
      proc.handlers.set(signal, () => proc.interrupt(new EndSignal()));
    try {
      if (this.#o.pidfile !== undefined) writePid(proc, this.#o.pidfile);
      return await (this.#o.role === 's' ? this.#serve() : this.#measure());
    } finally {
      if (this.#o.pidfile !== undefined && proc.fs.exists(proc.path(this.#o.pidfile)))
        proc.fs.unlink(proc.path(this.#o.pidfile));
    }
  }

  async #write(text: string): Promise<void> {
    await this.#proc.write(this.#log ?? 1, utf8Encode(text));
  }

  async #error(text: string): Promise<void> {
    const line = `iperf3: ${text}\n`;
    if (this.#log === undefined) await this.#proc.err(line);
    else await this.#write(line);
  }

  /** @throws IperfError */
  #openLog(): void {
    if (this.#o.logfile === undefined) return;
    try {
      const flags = { write: true, create: true, append: true };
      this.#log ??= this.#proc.open(this.#o.logfile, flags);
    } catch (e) {
      if (e instanceof KernelError) throw new IperfError(17, e);
      throw e;
    }
  }

  #session(role: 'c' | 's'): Session {
    return new Session(this.#proc, { ...this.#o }, role, (text) => this.#write(text));
  }

  async #finishJson(session: Session, error?: string): Promise<void> {
    const { json, o, serverText } = session;
    if (json === undefined) return;
    if (o.title !== undefined) json.top.add('title', o.title);
    if (o.extraData !== undefined) json.top.add('extra_data', o.extraData);
    if (serverText !== undefined) json.top.add('server_output_text', serverText);
    if (error !== undefined) json.top.add('error', error);
    await this.#write(`${formatJson(json.top)}\n`);
  }

  // The client.

  async #measure(): Promise<number> {
    const session = this.#session('c');
    const client = new Client(session);
    try {
      this.#openLog();
      await client.run();
      await this.#finishJson(session);
      return 0;
    } catch (e) {
      if (e instanceof EndSignal) {
        await client.interrupt();
        return this.#fail(session, 'interrupt - the client has terminated');
      }
      if (!(e instanceof IperfError)) throw e;
      await client.fail(e);
      if (session.json === undefined) return this.#fail(session, `error - ${e.message}`);
      await this.#finishJson(session, e.message);
      return 0;
    }
  }

  /** iperf_errexit() */
  async #fail(session: Session, text: string): Promise<number> {
    if (session.json !== undefined) await this.#finishJson(session, text);
    else await this.#error(text);
    return 1;
  }

  // The server.

  async #serve(): Promise<number> {
    let test = 0;
    for (let idle = false; ; ) {
      const session = this.#session('s');
      const server = new Server(session);
      try {
        if (!idle) test++;
        this.#openLog();
        try {
          await server.listen(test, idle);
        } catch (e) {
          if (!(e instanceof IperfError)) throw e;
          await this.#error(`error - ${e.message}`);
          await this.#error('exiting');
          return 1;
        }
        idle = (await server.run()) === 'idle';
        if (idle && this.#o.oneOff) return 0;
        if (!idle) await this.#finishJson(session);
      } catch (e) {
        if (e instanceof EndSignal) {
          await server.interrupt();
          return await this.#fail(session, 'interrupt - the server has terminated');
        }
        if (!(e instanceof IperfError)) throw e;
        if (session.json === undefined) await this.#error(`error - ${e.message}`);
        else await this.#finishJson(session, `error - ${e.message}`);
        idle = false;
      } finally {
        server.cleanUp();
      }
      if (this.#o.oneOff && !idle) return 0;
    }
  }
}

function writePid(proc: Process, path: string): void {
  proc.fs.writeFile(proc.path(path), `${proc.pid}`, { mode: 0o644 });
}
