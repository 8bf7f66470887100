import { formatIpv4, formatIpv6, IPV4_ANY, IPV6_ANY } from '@labwire/core/addr';
import { KernelError, LabwireError } from '@labwire/core/error';
import { MS, US } from '@labwire/core/sim';
import type { Netns } from '@labwire/devices/netns';
import { ConformanceHost } from '../../conformance/host.ts';
import { toHex } from '../model/bytes.ts';
import {
  asksTicks,
  type Case,
  earlySettings,
  type Frames,
  type ListenSpec,
  type Observed,
  rulesOf,
  TICKS_PAUSE_MS,
} from '../model/case.ts';
import type { Side } from '../model/side.ts';
import { Outside } from './outside.ts';

/** Simulated time that a frame has for all that follows from it: about what the real kernel has. */
const PATIENCE = 100 * US;
/** Cases after which the machine is made anew, so that what it keeps does not grow. */
const CASES_PER_HOST = 500;
/** Events of a second that only packets make that go round without end. */
const STORM = { eventsPerSecond: 2_000_000 };

type Udp = ReturnType<Netns['udp']['open']>;

/** Labwire's kernel and programs. */
export class LabwireSide implements Side {
  #host = new ConformanceHost(STORM);
  #patience = PATIENCE;
  #storm: string | undefined;
  #cases = 0;
  #netns: Netns | null = null;
  #outside: readonly Outside[] = [];
  #sockets: readonly (Udp | undefined)[] = [];
  #out: [number, string][] = [];

  async begin(test: Case): Promise<Observed['failed']> {
    this.#netns?.unref();
    if (this.#cases++ % CASES_PER_HOST === 0 || this.#storm !== undefined)
      this.#host = new ConformanceHost(STORM);
    this.#storm = undefined;
    this.#patience = PATIENCE + (asksTicks(test) ? TICKS_PAUSE_MS * MS : 0);
    const { machine } = this.#host;
    machine.kernel.setHopCost(0, 0);
    const netns = machine.kernel.newNetns();
    this.#netns = netns;
    const v6 = test.family === 'inet6';
    for (const [name, value] of earlySettings(test)) netns.sysctl.write(name, value);
    this.#outside = Array.from(
      { length: test.devices },
      (_, i) => new Outside(netns, `eth${i}`, (hex) => this.#out.push([i, hex])),
    );
    const failed: [string, number, string][] = [];
    const restore = v6 ? 'ip6tables-restore' : 'iptables-restore';
    const rules = rulesOf(test).map((text): [string[], string] => [[restore], text]);
    const ip: [string[], string] = [['ip', '-batch', '-'], test.ip.map((l) => `${l}\n`).join('')];
    const commands = v6 ? [...rules, ip] : [ip, ...rules];
    for (const [argv, stdin] of commands) {
      if (stdin === '') continue;
      const { code, err } = await this.#host.run(netns, argv, stdin);
      if (code !== 0) failed.push([argv[0] as string, code, err]);
    }
    for (const [name, value] of test.sysctls) {
      try {
        netns.sysctl.write(name, value);
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        failed.push([name, 0, e.message]);
      }
    }
    this.#sockets = test.sockets.map((spec) => open(netns, spec));
    this.#settle();
    return failed;
  }

  async play(frames: readonly (readonly [number, string])[]): Promise<readonly Frames[]> {
    return frames.map(([dev, hex]) => {
      this.#outside[dev]?.send(hex);
      return this.#settle();
    });
  }

  #settle(): Frames {
    const { sim } = this.#host;
    try {
      if (this.#storm === undefined) sim.runEvents(sim.now + this.#patience);
    } catch (e) {
      if (!(e instanceof LabwireError)) throw e;
      this.#storm = e.message;
    }
    // the real side reads one device after the other
    const out = this.#out.sort(([a], [b]) => a - b);
    this.#out = [];
    return out;
  }

  async end(test: Case): Promise<Omit<Observed, 'failed' | 'frames'>> {
    const nothing = { save: '', conntrack: '', snmp: '', netstat: '', received: [] };
    if (this.#storm !== undefined) return { ...nothing, storm: this.#storm };
    const netns = this.#netns as Netns;
    const run = async (...argv: string[]): Promise<string> =>
      (await this.#host.run(netns, argv)).out;
    const save = await run(test.family === 'inet6' ? 'ip6tables-save' : 'iptables-save', '-c');
    const [conntrack, snmp, netstat] = [
      await run('cat', '/proc/net/nf_conntrack'),
      await run('cat', '/proc/net/snmp'),
      await run('cat', '/proc/net/netstat'),
    ];
    return { save, conntrack, snmp, netstat, received: this.#sockets.map(receive) };
  }
}

/** A UDP socket to read from; a TCP listener needs nobody. */
function open(netns: Netns, spec: ListenSpec): Udp | undefined {
  if (spec.protocol === 'udp') {
    const socket = netns.udp.open(spec.family);
    if (spec.family === 'inet6') socket.v6only = true;
    socket.bind({ addr: spec.family === 'inet' ? IPV4_ANY : IPV6_ANY, port: spec.port });
    return socket;
  }
  const socket = netns.tcp.open(spec.family);
  if (spec.family === 'inet6') socket.v6only = true;
  socket.bind({ addr: spec.family === 'inet' ? IPV4_ANY : IPV6_ANY, port: spec.port });
  socket.listen(8);
  return undefined;
}

function receive(socket: Udp | undefined): [string, number, string][] {
  const got: [string, number, string][] = [];
  while (socket !== undefined) {
    const message = receiveOne(socket);
    if (message === undefined) break;
    if (typeof message === 'string') {
      got.push(['error', 0, message]);
      continue;
    }
    const { addr, port } = message.from ?? { addr: undefined, port: 0 };
    const text =
      typeof addr === 'number' ? formatIpv4(addr) : addr === undefined ? '' : formatIpv6(addr);
    got.push([text, port, toHex(message.data)]);
  }
  return got;
}

/** @returns a message, or the errno of an error that waited */
function receiveOne(socket: Udp): ReturnType<Udp['recv']> | string {
  try {
    return socket.recv(70_000);
  } catch (e) {
    if (e instanceof KernelError) return e.errno;
    throw e;
  }
}
