import { STUN_PORT } from '@labwire/core/wire';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { atoi, type GetoptTable, getopt, parseInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { ClientError, StunRounds } from './round.ts';

const USAGE = `Usage: stunclient [options] address
Options:
        -p      STUN server port (Default: 3478)
        -L      Local address to use (optional)
        -f      Force RFC 5780 processing

`;

/** What its command line may hold. */
export const STUNCLIENT_OPTIONS: GetoptTable = { letters: 'p:L:f', usage: USAGE };

/** turnutils_stunclient(1). It waits for answers without end. */
export async function stunclient(proc: Process): Promise<number> {
  const name = proc.argv[0] ?? 'turnutils_stunclient';
  const { options, operands, error } = getopt(proc.argv.slice(1), STUNCLIENT_OPTIONS.letters);
  const [host] = operands;
  if (error !== undefined || host === undefined) {
    await proc.err(error === undefined ? USAGE : `${name}: ${error}\n${USAGE}`);
    return error === undefined ? 255 : 1;
  }
  const value = (opt: string) => options.filter((o) => o.opt === opt).at(-1)?.arg;
  const addr = parseInet(value('L') ?? '');
  const force = options.some((o) => o.opt === 'f');
  try {
    await run(proc, host, atoi(value('p') ?? String(STUN_PORT)), addr, force);
    return 0;
  } catch (e) {
    if (!(e instanceof ClientError)) throw e;
    await proc.err(`${name}: ${e.message}\n`);
    return 255;
  }
}

async function run(
  proc: Process,
  host: string,
  port: number,
  local: InetAddr | undefined,
  force: boolean,
): Promise<void> {
  const rounds = new StunRounds(proc, false);
  const server = await rounds.server(host, port);
  const at = local === undefined ? {} : { addr: local };
  const socket = await rounds.open(server, { ...at, port: 0 });
  rounds.send(socket, server, {});
  const round = await rounds.receive(socket, socket.localAddr());
  if (!force && (round === 'timeout' || round.learned?.other === undefined)) return;
  const responsePort = socket.localAddr().port + 1;
  const second = await rounds.open(server, { ...at, port: responsePort });
  rounds.send(socket, server, { changeIp: true, changePort: true, responsePort });
  await rounds.receive(second, second.localAddr());
  rounds.send(second, server, { changeIp: true, changePort: true, padding: true });
  await rounds.receive(second, second.localAddr());
}
