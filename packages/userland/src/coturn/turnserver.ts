import { KernelError, strerror } from '@labwire/core/error';
import { STUN_PORT } from '@labwire/core/wire';
import { addrDump, type InetAddr } from '@labwire/devices/rtnetlink';
import {
  familyOf,
  formatInet,
  type GetoptTable,
  getopt,
  type LongOption,
  parseInet,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { BindingServer, type Place } from '../stun/index.ts';
import { answerBinding } from './answer.ts';
import { CoturnLog } from './log.ts';

/** Of addresses that hold on one link only. */
const RT_SCOPE_LINK = 253;
const OPTSTRING = 'SL:p:l:no';
/** Options that ask for nothing that Labwire's server would do otherwise. */
const HARMLESS = ['no-tcp', 'no-tls', 'no-dtls', 'no-cli', 'no-stdout-log', 'simple-log'];
const LONGS: readonly LongOption[] = [
  { name: 'stun-only', arg: 'no', key: 'S' },
  { name: 'listening-ip', arg: 'required', key: 'L' },
  { name: 'listening-port', arg: 'required', key: 'p' },
  { name: 'alt-listening-port', arg: 'required', key: 'alt' },
  { name: 'log-file', arg: 'required', key: 'l' },
  { name: 'daemon', arg: 'no', key: 'o' },
  { name: 'no-rfc5780', arg: 'no', key: 'no-rfc5780' },
  ...HARMLESS.map((name) => ({ name, arg: 'no' as const, key: name })),
];

/** What its command line may hold. */
export const TURNSERVER_OPTIONS: GetoptTable = { letters: OPTSTRING, longs: LONGS };

interface Options {
  readonly stunOnly: boolean;
  readonly addrs: readonly InetAddr[];
  readonly port: number;
  readonly altPort: number;
  readonly behaviour: boolean;
  readonly daemon: boolean;
  readonly quiet: boolean;
}

function readOptions(args: readonly string[]): Options | string {
  const { options, error } = getopt(args, TURNSERVER_OPTIONS.letters, TURNSERVER_OPTIONS.longs);
  if (error !== undefined) return `${error}; supported are ${supported()}`;
  const last = (opt: string) => options.filter((o) => o.opt === opt).at(-1)?.arg;
  const has = (opt: string) => options.some((o) => o.opt === opt);
  const texts = options.filter((o) => o.opt === 'L').map((o) => o.arg ?? '');
  const addrs = texts.map((text) => parseInet(text));
  const bad = texts.find((_, i) => addrs[i] === undefined);
  if (bad !== undefined) return `-L ${bad}: names and devices are not supported; give an address`;
  const port = Number(last('p') ?? STUN_PORT);
  const altPort = Number(last('alt') ?? port + 1);
  if (!isPort(port) || !isPort(altPort)) return 'a port is a number from 1 to 65535';
  return {
    stunOnly: has('S'),
    addrs: addrs.filter((a) => a !== undefined),
    port,
    altPort,
    behaviour: !has('no-rfc5780'),
    daemon: has('o'),
    quiet:
      has('no-stdout-log') || (last('l') !== undefined && !/^(?:stdout|-)$/.test(last('l') ?? '')),
  };
}

const isPort = (n: number): boolean => Number.isInteger(n) && n > 0 && n < 65_536;

function supported(): string {
  return ['-S -L -p -l -n -o', ...LONGS.map((o) => `--${o.name}`)].join(' ');
}

/** turnserver(1) as a STUN server. */
export async function turnserver(proc: Process): Promise<number> {
  const options = readOptions(proc.argv.slice(1));
  if (typeof options === 'string') {
    await proc.err(`turnserver: ${options}\n`);
    return 255;
  }
  if (!options.stunOnly) {
    await proc.err('turnserver: relaying (TURN) is not supported; say --stun-only\n');
    return 255;
  }
  const addrs = options.addrs.length > 0 ? options.addrs : ownAddresses(proc);
  if (addrs.length === 0) {
    await proc.out('0: : ERROR: main: Cannot configure any meaningful IP listener address\n');
    return 255;
  }
  const log = new CoturnLog(proc);
  if (!options.quiet)
    for (const addr of addrs) await log.line(`Listener address to use: ${formatInet(addr)}`);
  let failed: Place | undefined;
  try {
    const places = placesOf(addrs, options);
    const server = BindingServer.open(proc, places, (place) => {
      failed = place;
    });
    if (!options.daemon) return await serve(server, places, options);
    proc.spawn(proc.argv, (child) => serve(server.handOver(child), places, options), {
      newGroup: true,
    });
    return 0;
  } catch (e) {
    if (!(e instanceof KernelError) || failed === undefined) throw e;
    await proc.err(`bind: ${strerror(e.errno)}\n`);
    return 255;
  }
}

/** What coturn listens at without -L: all addresses of the machine but those of the loopback device. */
function ownAddresses(proc: Process): readonly InetAddr[] {
  const lo = proc.netns.loopback.ifindex;
  return addrDump(proc.netns)
    .filter((a) => a.ifindex !== lo && a.scope !== RT_SCOPE_LINK)
    .map((a) => a.local);
}

/** Of each family the first address and the one that stands for the other one. */
function placesOf(addrs: readonly InetAddr[], { port, altPort }: Options): readonly Place[] {
  return (['inet', 'inet6'] as const).flatMap((family) =>
    addrs
      .filter((addr) => familyOf(addr) === family)
      .flatMap((addr, i) => [
        { addr, port, otherIp: i > 0, otherPort: false },
        { addr, port: altPort, otherIp: i > 0, otherPort: true },
      ]),
  );
}

function serve(
  server: BindingServer,
  places: readonly Place[],
  { behaviour }: Options,
): Promise<never> {
  const known = behaviour ? places : places.filter((p) => !p.otherIp);
  return server.run((request, at, from) => answerBinding(request, at, from, known));
}
