import { IPV4_ANY } from '@labwire/core/addr';
import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import {
  readChangeRequest,
  STUN_ATTR_CHANGED_ADDRESS,
  STUN_ATTR_MAPPED_ADDRESS,
  STUN_ATTR_SOFTWARE,
  STUN_ATTR_SOURCE_ADDRESS,
  STUN_ATTR_XOR_MAPPED_ADDRESS,
  STUN_BINDING_REQUEST,
  STUN_BINDING_RESPONSE,
  STUN_PORT,
  type StunMessage,
  stunAddressAttribute,
} from '@labwire/core/wire';
import type { SockAddr } from '@labwire/devices/sock';
import { atoi, formatInet, parseInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { type BindingAnswer, BindingServer, changed, type Place } from '../stun/index.ts';

const VERSION = '0.97';
const SERVER_NAME = `Vovida.org ${VERSION}\0`;
/** The last attribute of RFC 3489; it answers no request with a later one that it would have to understand. */
const LAST_KNOWN = 0x000b;
/** Attributes that need not be understood begin here. */
const OPTIONAL = 0x8000;
const USAGE = `Usage: 
 ./server [-v] [-h] [-h IP_Address] [-a IP_Address] [-p port] [-o port] [-m mediaport]
 
 If the IP addresses of your NIC are 10.0.1.150 and 10.0.1.151, run this program with
    ./server -v  -h 10.0.1.150 -a 10.0.1.151
 STUN servers need two IP addresses and two ports, these can be specified with:
  -h sets the primary IP
  -a sets the secondary IP
  -p sets the primary port and defaults to 3478
  -o sets the secondary port and defaults to 3479
  -b makes the program run in the backgroud
  -m sets up a STERN server starting at port m
  -v runs in verbose mode
`;

interface Options {
  host: SockAddr['addr'];
  other: SockAddr['addr'];
  port: number;
  otherPort: number;
  background: boolean;
}

/** stund(8). */
export async function stund(proc: Process): Promise<number> {
  await proc.err(`STUN server version ${VERSION}\n`);
  const options = readOptions(proc.argv.slice(1));
  if (typeof options === 'string') {
    await proc.err(options);
    return 255;
  }
  const { host, other, background } = options;
  if (host === IPV4_ANY || other === IPV4_ANY)
    await proc.err(
      'If your machine does not have exactly two ethernet interfaces, you must specify the server and alt server\n',
    );
  if (host === IPV4_ANY) {
    await proc.err('Bad command line\n');
    return 1;
  }
  if (other === IPV4_ANY) await proc.err('Warning - no alternate ip address STUN will not work\n');
  const places = placesOf(options);
  const server = await open(proc, places);
  if (server === undefined) return 0;
  const run = (s: BindingServer) =>
    s.run((request, at, from) => answer(options, places, request, at, from));
  if (!background) return run(server);
  proc.spawn(proc.argv, (child) => run(server.handOver(child)), { newGroup: true });
  return 0;
}

/** @returns what is to be printed instead */
function readOptions(args: readonly string[]): Options | string {
  const o: Options = {
    host: IPV4_ANY,
    other: IPV4_ANY,
    port: STUN_PORT,
    otherPort: STUN_PORT + 1,
    background: false,
  };
  for (let i = 0; i < args.length; i++) {
    const option = args[i] ?? '';
    if (option === '-b') {
      o.background = true;
      continue;
    }
    if (option === '-v' || option === '-m')
      return `stund: ${option} is not supported; -h, -a, -p, -o and -b are\n`;
    const value = args[++i];
    if (value === undefined || !/^-[hapo]$/.test(option)) return USAGE;
    const addr = parseInet(value);
    if (/^-[ha]$/.test(option) && typeof addr !== 'number')
      return `stund: ${option} ${value}: names are not supported; give an IPv4 address\n`;
    if (option === '-h') o.host = addr ?? IPV4_ANY;
    else if (option === '-a') o.other = addr ?? IPV4_ANY;
    else if (option === '-p') o.port = atoi(value);
    else o.otherPort = atoi(value);
  }
  return o;
}

function placesOf({ host, other, port, otherPort }: Options): readonly Place[] {
  const at = (addr: SockAddr['addr'], otherIp: boolean): Place[] => [
    { addr, port, otherIp, otherPort: false },
    { addr, port: otherPort, otherIp, otherPort: true },
  ];
  return other === IPV4_ANY ? at(host, false) : [...at(host, false), ...at(other, true)];
}

/** @returns undefined if a place cannot be had, which is told */
async function open(proc: Process, places: readonly Place[]): Promise<BindingServer | undefined> {
  let failed: Place | undefined;
  try {
    return BindingServer.open(proc, places, (place) => {
      failed = place;
    });
  } catch (e) {
    if (!(e instanceof KernelError) || failed === undefined) throw e;
    if (e.errno === 'EADDRINUSE')
      await proc.err(`Port ${failed.port} for receiving UDP is in use\n`);
    // it names the place by its address alone: each has one port that goes with it
    const named = places.find((p) => p.otherIp === failed?.otherIp && p.otherPort === p.otherIp);
    await proc.err(`Can't open ${formatInet(failed.addr)}:${named?.port}\n`);
    return undefined;
  }
}

/** stunServerProcessMsg(): the places that it names go by the address that was asked, not by the port. */
function answer(
  { host, other, port, otherPort }: Options,
  places: readonly Place[],
  request: StunMessage,
  at: Place,
  from: SockAddr,
): BindingAnswer | undefined {
  if (request.type !== STUN_BINDING_REQUEST) return undefined;
  if (request.attributes.some((a) => a.type < OPTIONAL && a.type > LAST_KNOWN)) return undefined;
  const change = readChangeRequest(request);
  const origin = changed(places, at, change);
  if (origin === undefined) return undefined;
  const first = { addr: host, port };
  const second = { addr: other, port: otherPort };
  const [here, there] = at.otherIp ? [second, first] : [first, second];
  const source = {
    addr: change.ip ? there.addr : here.addr,
    port: change.port ? there.port : here.port,
  };
  const { id } = request;
  const attributes = [
    stunAddressAttribute(STUN_ATTR_MAPPED_ADDRESS, from),
    stunAddressAttribute(STUN_ATTR_SOURCE_ADDRESS, source),
    stunAddressAttribute(STUN_ATTR_CHANGED_ADDRESS, there),
    stunAddressAttribute(STUN_ATTR_XOR_MAPPED_ADDRESS, from, id),
    { type: STUN_ATTR_SOFTWARE, value: utf8Encode(SERVER_NAME) },
  ];
  return { message: { type: STUN_BINDING_RESPONSE, id, attributes }, from: origin, to: from };
}
