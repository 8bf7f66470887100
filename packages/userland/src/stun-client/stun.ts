import { IPV4_ANY } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { STUN_PORT } from '@labwire/core/wire';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import { atoi, closeSocket, openUdp, parseInet, recv } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { resolve } from '../resolver/index.ts';
import { type NatKind, type NatType, NatTypeTest, sendTest, type TestNumber } from './nat-type.ts';

const USAGE = `Usage:
    ./client stunServerHostname [testNumber] [-v] [-p srcPort] [-i nicAddr1] [-i nicAddr2] [-i nicAddr3]
For example, if the STUN server was larry.gloo.net, you could do:
    ./client larry.gloo.net
The testNumber is just used for special tests.
 test 1 runs test 1 from the RFC. For example:
    ./client larry.gloo.net 0


`;
/** What a NAT is called, and what its kind adds to the exit status. */
const KINDS: Readonly<Record<NatKind, readonly [text: string, value: number]>> = {
  open: ['Open', 0x00],
  'independent-filter': ['Independent Mapping, Independent Filter', 0x02],
  'address-dependent-filter': ['Independent Mapping, Address Dependent Filter', 0x04],
  'port-dependent-filter': ['Independent Mapping, Port Dependent Filter', 0x06],
  'dependent-mapping': ['Dependent Mapping', 0x08],
  firewall: ['Firewall', 0x0a],
  blocked: ['Blocked or could not reach STUN server', 0x0c],
};
const PRESERVES_PORT = 0x01;
const NO_HAIRPIN = 0x10;
/** The first port that it may choose by itself, and of how many. */
const FIRST_PORT = 0x4000;
const PORTS = 0x3fff;

interface Options {
  server: string;
  test: number | undefined;
  port: number;
  source: InetAddr;
}

/** stun(1). */
export async function stun(proc: Process): Promise<number> {
  await proc.out(`STUN client version 0.97\n`);
  const options = readOptions(proc.argv.slice(1));
  if (typeof options === 'string') {
    await proc.err(options);
    return 255;
  }
  const server = await findServer(proc, options.server);
  if (server === undefined) {
    await proc.err(`error was 11\n${options.server} is not a valid host name \n${USAGE}`);
    return 255;
  }
  if (options.test !== undefined) await proc.out(`running test number ${options.test}\n`);
  const { test = 0 } = options;
  return test === 0 ? natType(proc, server, options) : oneTest(proc, server, options);
}

/** @returns what is to be printed instead */
function readOptions(args: readonly string[]): Options | string {
  const o: Options = { server: '', test: undefined, port: 0, source: IPV4_ANY };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '-v') return 'stun: -v is not supported; -p, -i and a test number are\n';
    if (arg === '-h') return USAGE;
    if (arg === '-p' || arg === '-i') {
      const value = args[++i];
      if (value === undefined) return 'option requires argument\n';
      const addr = parseInet(value);
      if (arg === '-p') o.port = atoi(value);
      else if (o.source !== IPV4_ANY) return 'stun: one -i is supported, no more\n';
      else if (typeof addr !== 'number') return `${value} is not a valid host name \n`;
      else o.source = addr;
      continue;
    }
    if (/^\d$/.test(arg)) o.test = atoi(arg);
    else o.server = arg;
  }
  if (o.test !== undefined && o.test > 3)
    return `stun: test ${o.test} is not supported; 0 to 3 are\n`;
  return o.server === '' ? USAGE : o;
}

async function findServer(proc: Process, text: string): Promise<SockAddr | undefined> {
  const [host = '', port] = text.split(':');
  const found = await resolve(proc, host, 'inet');
  if ('error' in found) return undefined;
  const addr = found.addrs[0]?.addr;
  return addr === undefined ? undefined : { addr, port: Number(port ?? STUN_PORT) };
}

/** @returns undefined if the port is taken, which is told */
async function open(proc: Process, at: SockAddr): Promise<Socket | undefined> {
  const socket = openUdp(proc, 'inet');
  try {
    socket.bind(at);
    return socket;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    closeSocket(proc, socket);
    if (e.errno === 'EADDRINUSE') await proc.err(`Port ${at.port} for receiving UDP is in use\n`);
    return undefined;
  }
}

function choosePort(proc: Process, { port }: Options): number {
  return port === 0 ? FIRST_PORT + proc.machine.kernel.random.below(PORTS) : port;
}

async function natType(proc: Process, server: SockAddr, options: Options): Promise<number> {
  const port = choosePort(proc, options);
  const first = await open(proc, { addr: options.source, port });
  const second = await open(proc, { addr: options.source, port: port + 1 });
  if (first === undefined || second === undefined) {
    await proc.err('Some problem opening port/interface to send on\n');
    await proc.out('Primary: Some stun error detetecting NAT type\n');
    return 255;
  }
  const found = await new NatTypeTest(proc, server, first, second).run();
  const value = exitValue(found);
  await proc.out(`Primary: ${textOf(found)}\t\nReturn value is ${hex(value)}\n`);
  return value;
}

function textOf({ kind, preservesPort, hairpin }: NatType): string {
  const [text] = KINDS[kind];
  if (kind === 'open' || kind === 'firewall' || kind === 'blocked') return text;
  const port = preservesPort ? 'preserves ports' : 'random port';
  return `${text}, ${port}, ${hairpin ? 'will hairpin' : 'no hairpin'}`;
}

function exitValue({ kind, preservesPort, hairpin }: NatType): number {
  return KINDS[kind][1] | (preservesPort ? PRESERVES_PORT : 0) | (hairpin ? 0 : NO_HAIRPIN);
}

const hex = (n: number): string => `0x${n.toString(16).padStart(6, '0')}`;

/** Sends one test's request and waits for the answer, however long. */
async function oneTest(proc: Process, server: SockAddr, options: Options): Promise<number> {
  const socket = await open(proc, { addr: options.source, port: choosePort(proc, options) });
  if (socket === undefined) return 255;
  await sendTest(proc, socket, server, options.test as TestNumber);
  await recv(proc, socket, 65_536);
  await proc.out(`\nReturn value is ${hex(0)}\n`);
  return 0;
}
