import { parseIpv4 } from '@labwire/core/addr';
import { MS, RandomStream, SEC, Simulator } from '@labwire/core/sim';
import { type DnsMessage, FLAG_QR, readMessage, writeMessage } from '@labwire/devices/dns';
import type { UdpSocket } from '@labwire/devices/udp';
import { loadLab, runLab, setUpMachines } from '@labwire/scenarios/lab';
import { buildWorld } from '@labwire/scenarios/world';
import { expect, it } from 'vitest';

const load = (...lines: string[]) => loadLab({ file: 'lab.md', text: `${lines.join('\n')}\n` });
const addr = (text: string) => parseIpv4(text) as NonNullable<ReturnType<typeof parseIpv4>>;
const NETWORK = [
  'machines:',
  '  ns: { interfaces: { eth0: { link: lan, addresses: [10.9.0.1/24] } } }',
  '  up: { interfaces: { eth0: { link: far, addresses: [10.8.0.2/24] } } }',
  '  pc: { interfaces: { eth0: { link: lan, addresses: [10.9.0.10/24] } }, files: { /etc/resolv.conf: "nameserver 10.9.0.1\\n" } }',
];
const FAR = '    eth1: { link: far, addresses: [10.8.0.1/24] }';

/** Front matter of a name server between a client and another name server. */
function frontMatter(...more: string[]): string[] {
  const [head = '', , ...rest] = NETWORK;
  const ns = ['  ns:', '   interfaces:', '    eth0: { link: lan, addresses: [10.9.0.1/24] }', FAR];
  return ['---', head, ...ns, ...rest, ...more, '---', ''];
}

const NAMES = ['a.example', 'alpha', 'lan', '', 'bind', '1.0.9.10.in-addr.arpa', 'x'.repeat(63)];
const TYPES = [1, 2, 5, 6, 12, 15, 16, 28, 33, 35, 41, 255, 257, 65_280];

/** Bytes that were a message, and may still be one. */
function damaged(message: DnsMessage, random: RandomStream): Uint8Array {
  const whole = writeMessage(message);
  const end = random.below(4) === 0 ? random.below(whole.length + 1) : whole.length;
  const bytes = whole.slice(0, end);
  for (let n = random.below(4); n > 0 && bytes.length > 0; n--)
    bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

function anyQuestion(random: RandomStream): DnsMessage {
  const own = NAMES[random.below(NAMES.length)] as string;
  const name = random.below(2) === 0 ? own : `n${random.below(1000)}.example`;
  const type = TYPES[random.below(TYPES.length)] as number;
  const edns = { udpSize: random.below(5000), extendedRcode: 0, version: 0, flags: 0, options: [] };
  return {
    id: random.below(65_536),
    flags: random.below(65_536) & ~FLAG_QR,
    opcode: random.below(8) === 0 ? random.below(16) : 0,
    rcode: 0,
    questions: [{ name, type, class: random.below(8) === 0 ? 3 : 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: random.below(2) === 0 ? edns : undefined,
  };
}

/** Answers everything that waits at a socket: right in form, then damaged. */
function answerAll(socket: UdpSocket, random: RandomStream): number {
  let count = 0;
  while ((socket.poll() & 1) !== 0) {
    const got = socket.recv(65_535);
    const query = got === undefined ? undefined : readMessage(got.data);
    if (got?.from === undefined || query === undefined) continue;
    const { name = '', type = 1 } = query.questions[0] ?? {};
    const answers = [
      { name, type: 5, class: 1, ttl: random.below(300), data: ['c.example'] },
      { name: 'c.example', type: 1, class: 1, ttl: 5, data: [addr('192.0.2.1')] },
      { name, type, class: 1, ttl: random.below(300), data: [new Uint8Array(random.below(9))] },
    ].slice(random.below(3));
    const flags = query.flags | FLAG_QR;
    const whole = { ...query, flags, rcode: random.below(6), answers: [] };
    const soa = ['a', 'b', 1, 2, 3, 4, 5];
    const authorities = [{ name: 'example', type: 6, class: 1, ttl: 60, data: soa }];
    const reply = random.below(3) === 0 ? { ...whole, authorities } : { ...whole, answers };
    try {
      socket.send(damaged(reply, random), got.from);
      count++;
    } catch {
      // a record that cannot be written
    }
  }
  return count;
}

it('outlives any questions and any answers of its servers', async () => {
  const lab = load(
    ...frontMatter(),
    '```',
    'ns# dnsmasq -C /dev/null --no-resolv --server=10.8.0.2 --host-record=alpha,10.9.0.66 --domain=lan --bogus-priv --stop-dns-rebind --filter-AAAA --bogus-nxdomain=192.0.2.9 --alias=192.0.2.1,10.1.1.1 --log-queries --neg-ttl=5 --dns-forward-max=500',
    '```',
  );
  const sim = new Simulator();
  const world = buildWorld(sim, lab.config);
  await setUpMachines(lab, world, () => {});
  const type = async (machine: string, command: string): Promise<string> => {
    const run = world.machine(machine)?.openTerminal('1').run(command);
    await sim.run(sim.now + 20 * SEC, () => run?.done ?? true);
    return run?.output ?? '';
  };
  await type('ns', lab.steps.flatMap((s) => s.command).join('\n'));
  const pid = await type('ns', 'cat /run/dnsmasq.pid');
  const random = new RandomStream(7, 'dns');
  const udp = (machine: string) => world.machine(machine)?.kernel.initNetns.udp.open('inet');
  const [client, server] = [udp('pc'), udp('up')] as [UdpSocket, UdpSocket];
  server.bind({ addr: addr('10.8.0.2'), port: 53 });
  let answered = 0;
  for (let i = 0; i < 3000; i++) {
    const to = { addr: addr('10.9.0.1'), port: 53 };
    client.send(damaged(anyQuestion(random), random), to);
    await sim.run(sim.now + 2 * MS);
    answered += answerAll(server, random);
    while ((client.poll() & 1) !== 0) expect(client.recv(65_535)?.data.length).toBeGreaterThan(11);
  }
  expect(answered).toBeGreaterThan(200);
  expect(await type('pc', 'dig +short alpha')).toBe('10.9.0.66\n');
  expect(await type('ns', 'cat /run/dnsmasq.pid')).toBe(pid);
});

it('answers, or says that it cannot, over links that lose packets', async () => {
  let answers = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const lab = load(
      ...frontMatter('links: { lan: { loss: 20% }, far: { loss: 30% } }'),
      '```',
      'up# dnsmasq -C /dev/null --no-resolv --no-hosts --host-record=a.example,192.0.2.7',
      'ns# dnsmasq -C /dev/null --no-resolv --server=10.8.0.2',
      'pc# dig +tries=6 +time=2 a.example | grep -v "^$"',
      'pc# dig +tries=6 +time=2 a.example +short',
      '```',
    );
    const { commands } = await runLab(lab, { seed });
    const [said = '', short = ''] = commands.slice(2).map((c) => c.output);
    const status = /status: (\w+)/.exec(said)?.[1];
    if (status === undefined) expect(said).toContain('no servers could be reached');
    else expect(['NOERROR', 'SERVFAIL', 'REFUSED']).toContain(status);
    if (status === 'NOERROR') {
      answers++;
      expect(said).toMatch(/^a\.example\.\t+\d+\tIN\tA\t192\.0\.2\.7$/m);
    }
    expect(short).toMatch(/(^|\n)(192\.0\.2\.7|;; no servers could be reached)\n+$/);
  }
  expect(answers).toBeGreaterThan(9);
});

it('counts the time to live of an answer down by the second', async () => {
  const lab = load(
    ...frontMatter(),
    '```',
    'up# dnsmasq -C /dev/null --no-resolv --no-hosts --local-ttl=100 --host-record=a.example,192.0.2.7',
    'ns# dnsmasq -C /dev/null --no-resolv --server=10.8.0.2 --log-queries --log-facility=/tmp/log',
    ...[0, 0.3, 1, 7.2, 19, 19.9, 19, 19, 14, 3, 1].flatMap((s) => [
      `pc# sleep ${s}; date +%s; dig a.example +noall +answer | cut -f 4 -d "$(printf '\\t')"`,
      'pc# dig a.example +noall +answer',
    ]),
    'ns# grep -c forwarded /tmp/log',
    '```',
  );
  const { commands } = await runLab(lab);
  const times = commands.slice(2, -1).filter((_, i) => i % 2 === 0);
  const ttls = commands.slice(2, -1).filter((_, i) => i % 2 === 1);
  const seconds = times.map((c) => Number(c.output.split('\n')[0]));
  const left = ttls.map((c) => Number(/\d+/.exec(c.output)?.[0]));
  const [first = 0] = seconds;
  const expected = seconds.map((t) => 100 - (t - first)).map((t) => (t > 0 ? t : undefined));
  for (const [i, ttl] of expected.entries()) if (ttl !== undefined) expect(left[i]).toBe(ttl);
  expect(expected.filter((t) => t === undefined).length).toBeGreaterThan(0);
  expect(commands.at(-1)?.output).toBe('2\n');
});
