import { SEC } from '@labwire/core/sim';
import { STUN_PORT } from '@labwire/core/wire';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';
import {
  atoi,
  closeSocket,
  type GetoptTable,
  getopt,
  type OptionFound,
  parseInet,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import {
  ClientError,
  type Learned,
  RECEIVE_TIMEOUT,
  type Round,
  type RoundRequest,
  StunRounds,
  sameAddress,
} from './round.ts';

const USAGE = `Usage: natdiscovery [options] address
Options:
        -m      NAT mapping behavior discovery
        -f      NAT filtering behavior discovery
        -t      NAT mapping lifetime behavior discovery
                Requires a timer (-T)
        -c      NAT collision behavior discovery
                Requires an alternative IP address (-A)
        -H      NAT hairpinning behavior discovery
        -P      Add 1500 byte Padding to the behavior discovery
                Applicable with all except NAT mapping Lifetime discovery
        -p      STUN server port (Default: 3478)
        -L      Local address to use (optional)
        -l      Local port to use (use with -L)
        -A      Local alternative address to use
                Used by collision behavior discovery
        -T      Mapping lifetime timer (sec)
                Used by mapping lifetime behavior discovery

`;
/** What its command line may hold. */
export const NATDISCOVERY_OPTIONS: GetoptTable = { letters: 'mftcPHp:L:l:A:T:', usage: USAGE };

const BAD_DESCRIPTOR = 'Bad file descriptor';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly addr: InetAddr | undefined;
  readonly localPort: number;
  readonly otherAddr: InetAddr | undefined;
  readonly seconds: number;
  readonly padding: boolean;
  has(opt: string): boolean;
}

/** turnutils_natdiscovery(1). */
export async function natdiscovery(proc: Process): Promise<number> {
  const name = proc.argv[0] ?? 'turnutils_natdiscovery';
  const {
    options: found,
    operands,
    error,
  } = getopt(proc.argv.slice(1), NATDISCOVERY_OPTIONS.letters);
  if (error !== undefined) {
    await proc.err(`${name}: ${error}\n${USAGE}`);
    return 1;
  }
  const complaint = operands[0] === undefined ? USAGE : missing(found);
  if (complaint !== undefined) {
    await proc.err(complaint);
    return 255;
  }
  try {
    await new Discovery(proc, readOptions(found, operands[0] ?? '')).run();
    return 0;
  } catch (e) {
    if (!(e instanceof ClientError)) throw e;
    await proc.err(`${name}: ${e.message}\n`);
    return 255;
  }
}

function readOptions(found: readonly OptionFound[], host: string): Options {
  const value = (opt: string) => found.filter((o) => o.opt === opt).at(-1)?.arg;
  const has = (opt: string) => found.some((o) => o.opt === opt);
  return {
    host,
    port: atoi(value('p') ?? String(STUN_PORT)),
    addr: parseInet(value('L') ?? ''),
    localPort: atoi(value('l') ?? '0'),
    otherAddr: parseInet(value('A') ?? ''),
    seconds: atoi(value('T') ?? '0'),
    padding: has('P'),
    has,
  };
}

/** What an option needs beside it. */
function missing(found: readonly OptionFound[]): string | undefined {
  const has = (opt: string) => found.some((o) => o.opt === opt);
  if (has('c') && !has('A'))
    return 'Use "-A" to add an Alternative local IP address.\nIt is mandatory with "-c" collision behavior detection..\n';
  if (has('t') && !has('T'))
    return 'Use "-T" to add a timer value (in sec).\nIt is mandatory with "-b" mapping lifetime behavior detection..\n';
  if (has('l') && !has('L'))
    return 'To use local port please specify local address "-L"!\nWe need to know the address familly to set the port.\n';
  return undefined;
}

/** One run of natdiscovery: its tests in their order. main() of natdiscovery.c */
class Discovery {
  readonly #proc: Process;
  readonly #options: Options;
  readonly #rounds: StunRounds;
  #server: SockAddr = { addr: 0 as InetAddr, port: 0 };
  /** Where sockets are bound: to what the first one of a test got. */
  #local: { addr?: InetAddr; port: number } = { port: 0 };
  #first = true;

  constructor(proc: Process, options: Options) {
    this.#proc = proc;
    this.#options = options;
    this.#rounds = new StunRounds(proc, true);
  }

  async run(): Promise<void> {
    const tests: readonly (readonly [opt: string, what: string, test: () => Promise<void>])[] = [
      ['t', 'Mapping Lifetime', () => this.#lifetime()],
      ['H', 'Hairpinning', () => this.#hairpinning()],
      ['m', 'Mapping', () => this.#mapping()],
      ['f', 'Filtering', () => this.#filtering()],
      ['c', 'Collision', () => this.#collision()],
    ];
    const asked = tests.filter(([opt]) => this.#options.has(opt));
    for (const [, what, test] of asked) {
      await this.#proc.out(`\n-= ${what} Behavior Discovery =-\n`);
      await this.#begin();
      await test();
    }
    if (asked.length === 0)
      await this.#proc.out(
        'Please use either -f or -m or -c or -t or -H parameter for Filtering or Mapping behavior discovery.\n',
      );
  }

  /** init() */
  async #begin(): Promise<void> {
    const { addr, localPort, host, port } = this.#options;
    this.#local = { ...(addr === undefined ? {} : { addr }), port: this.#first ? localPort : 0 };
    this.#first = false;
    this.#server = await this.#rounds.server(host, port);
  }

  /** A request and its answer from a socket of its own; later ones have the same address and port. run_stunclient() */
  async #ask(request: RoundRequest): Promise<Round> {
    const socket = await this.#rounds.open(this.#server, this.#local);
    this.#rounds.send(socket, this.#server, { ...request, padding: this.#options.padding });
    const local = socket.localAddr();
    this.#local = { addr: local.addr, port: local.port };
    const round = await this.#rounds.receive(socket, local, RECEIVE_TIMEOUT);
    closeSocket(this.#proc, socket);
    return round;
  }

  #decide(text: string): Promise<void> {
    const line = '='.repeat(40);
    return this.#proc.out(`\n${line}\n${text}\n${line}\n`);
  }

  /** The first question of both tests. @returns undefined if there is nothing more to ask */
  async #firstAnswer(): Promise<Learned | undefined> {
    const round = await this.#ask({});
    const learned = round === 'timeout' ? undefined : round.learned;
    if (learned === undefined) return undefined;
    if (sameAddress(learned.reflexive, this.#local as SockAddr))
      await this.#decide('No NAT! (Endpoint Independent Mapping)');
    return learned.other === undefined ? undefined : learned;
  }

  /** RFC 5780 section 4.3 */
  async #mapping(): Promise<void> {
    const first = await this.#firstAnswer();
    if (first?.other === undefined) return;
    this.#server = { addr: first.other.addr, port: this.#options.port };
    const second = learnedFrom(await this.#ask({}), first);
    if (sameAddress(first.reflexive, second.reflexive)) {
      await this.#decide('NAT with Endpoint Independent Mapping!');
      return;
    }
    this.#server = second.other ?? first.other;
    const third = learnedFrom(await this.#ask({}), second);
    const dependent = sameAddress(second.reflexive, third.reflexive)
      ? 'Address'
      : 'Address and Port';
    await this.#decide(`NAT with ${dependent} Dependent Mapping!`);
  }

  /** RFC 5780 section 4.4 */
  async #filtering(): Promise<void> {
    if ((await this.#firstAnswer()) === undefined) return;
    if ((await this.#ask({ changeIp: true, changePort: true })) !== 'timeout')
      await this.#decide('NAT with Endpoint Independent Filtering!');
    else if ((await this.#ask({ changePort: true })) !== 'timeout')
      await this.#decide('NAT with Address Dependent Filtering!');
    else await this.#decide('NAT with Address and Port Dependent Filtering!');
  }

  /** RFC 5780 section 4.5: a second socket asks the first one's outer address. */
  async #hairpinning(): Promise<void> {
    const { padding } = this.#options;
    const socket = await this.#rounds.open(this.#server, this.#local);
    this.#rounds.send(socket, this.#server, { padding });
    const round = await this.#rounds.receive(socket, socket.localAddr(), RECEIVE_TIMEOUT);
    const learned = round === 'timeout' ? undefined : round.learned;
    if (learned === undefined) throw new ClientError(BAD_DESCRIPTOR);
    const other = await this.#rounds.open(learned.reflexive, { ...this.#local, port: 0 });
    this.#rounds.send(other, learned.reflexive, { padding });
    const local = other.localAddr();
    if ((await this.#rounds.receive(socket, local, RECEIVE_TIMEOUT)) === 'timeout')
      await this.#rounds.receive(other, local, RECEIVE_TIMEOUT);
    closeSocket(this.#proc, socket);
    closeSocket(this.#proc, other);
  }

  /** RFC 5780 section 4.6: after a while another socket asks that the answer go to the first one's outer port. */
  async #lifetime(): Promise<void> {
    const socket = await this.#rounds.open(this.#server, this.#local);
    const { padding } = this.#options;
    this.#rounds.send(socket, this.#server, { padding });
    const round = await this.#rounds.receive(socket, socket.localAddr(), RECEIVE_TIMEOUT);
    const learned = round === 'timeout' ? undefined : round.learned;
    await this.#proc.sleep(this.#options.seconds * SEC);
    const other = await this.#rounds.open(this.#server, { ...this.#local, port: 0 });
    this.#rounds.send(other, this.#server, { padding, responsePort: learned?.reflexive.port ?? 0 });
    await this.#rounds.receive(socket, other.localAddr(), RECEIVE_TIMEOUT);
    closeSocket(this.#proc, socket);
    closeSocket(this.#proc, other);
  }

  /** RFC 5780 section 4.7: the same port at another address of ours. */
  async #collision(): Promise<void> {
    await this.#ask({});
    const { otherAddr } = this.#options;
    if (otherAddr !== undefined) this.#local = { addr: otherAddr, port: this.#local.port };
    await this.#ask({});
  }
}

/** What an answer told; without one, what was known before. */
function learnedFrom(round: Round, before: Learned): Learned {
  return (round === 'timeout' ? undefined : round.learned) ?? before;
}
