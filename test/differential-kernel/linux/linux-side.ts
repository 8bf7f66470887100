import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  asksTicks,
  type Case,
  earlySettings,
  type Frames,
  rulesOf,
  TICKS_PAUSE_MS,
} from '../model/case.ts';
import type { Side } from '../model/side.ts';

/** More packets than any case brings about that comes to an end. */
const STORM = 200;
const WORKER = fileURLToPath(new URL('worker.py', import.meta.url));

interface Ended {
  readonly files: readonly [string, string, string];
  readonly printed: readonly [string];
  readonly received: Awaited<ReturnType<Side['end']>>['received'];
}

/** The real kernel, through a worker process of its own. */
export class LinuxSide implements Side {
  readonly #worker: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #said = '';
  #pause = 0;

  constructor() {
    this.#worker = spawn('/usr/bin/python3', [WORKER]);
    this.#worker.stderr.on('data', (data) => {
      this.#said += data;
    });
    this.#reader = createInterface({ input: this.#worker.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async begin(test: Case) {
    const v6 = test.family === 'inet6';
    this.#pause = asksTicks(test) ? TICKS_PAUSE_MS : 0;
    const restore = v6 ? 'ip6tables-restore' : 'iptables-restore';
    const rules = rulesOf(test).map((stdin) => ({ argv: [restore], stdin }));
    const ip = { argv: ['ip', '-batch', '-'], stdin: test.ip.map((l) => `${l}\n`).join('') };
    // the reports that addresses bring meet the rules already
    const commands = v6 ? [...rules, ip] : [ip, ...rules];
    const request = {
      do: 'begin',
      early: earlySettings(test),
      devices: Array.from({ length: test.devices }, (_, i) => `eth${i}`),
      commands: commands.filter((c) => c.stdin !== ''),
      sysctls: test.sysctls,
      sockets: test.sockets,
    };
    return (await this.#ask<{ failed: [string, number, string][] }>(request)).failed;
  }

  async play(frames: readonly (readonly [number, string])[]): Promise<readonly Frames[]> {
    return (await this.#ask<{ out: Frames[] }>({ do: 'play', frames, pause: this.#pause })).out;
  }

  async end(test: Case) {
    const save = test.family === 'inet6' ? 'ip6tables-save' : 'iptables-save';
    const files = ['nf_conntrack', 'snmp', 'netstat'].map((name) => `/proc/net/${name}`);
    const ended = await this.#ask<Ended>({ do: 'end', files, commands: [[save, '-c']] });
    const [conntrack, snmp, netstat] = ended.files;
    const received = Number(/^Ip: \d+ \d+ (\d+)/m.exec(snmp)?.[1]);
    const storm = received > STORM ? { storm: `${received} packets were received` } : {};
    return {
      ...storm,
      save: ended.printed[0],
      conntrack,
      snmp,
      netstat,
      received: ended.received,
    };
  }

  async #ask<T>(request: unknown): Promise<T> {
    this.#worker.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`the worker on the real kernel ended: ${this.#said}`);
    return JSON.parse(line.value) as T;
  }

  /** Ends the worker, and with it its namespace. */
  close(): void {
    this.#worker.stdin.end();
    this.#reader.close();
  }
}
