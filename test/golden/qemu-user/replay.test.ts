import { readFileSync } from 'node:fs';
import { parseIpv4 } from '@labwire/core/addr';
import { get16, get32, put16, put32 } from '@labwire/core/bytes';
import { Simulator, US } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { checksum, pseudoSum4 } from '@labwire/core/wire';
import { IFF_UP } from '@labwire/devices/link';
import { linkSet } from '@labwire/devices/rtnetlink';
import { debianPackages } from '@labwire/userland/debian';
import { Machine, type Process } from '@labwire/userland/machine';
import { DEFAULT_USER_CONFIG, parseHostForward, UserNet } from '@labwire/userland/qemu';
import { expect, it } from 'vitest';

const ETH = 14;
const IP = ETH + 20;
const SYN = 2;

interface Frame {
  readonly us: number;
  readonly from: 'guest' | 'qemu';
  readonly bytes: Uint8Array;
}

function recorded(name: string): Frame[] {
  const text = readFileSync(new URL(`${name}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const { us, from, frame } = JSON.parse(line);
      return { us, from, bytes: Uint8Array.from(Buffer.from(frame, 'hex')) };
    });
}

const session: readonly Frame[] = recorded('session');

/** A frame without what QEMU pads short ones with for NICs that need it. */
function unpadded(frame: Uint8Array): string {
  const length = get16(frame, 12) === 0x0800 ? ETH + get16(frame, ETH + 2) : frame.length;
  return Buffer.from(frame.subarray(0, length)).toString('hex');
}

const isTcp = (f: Uint8Array): boolean => get16(f, 12) === 0x0800 && f[ETH + 9] === 6;
const ports = (f: Uint8Array): [number, number] => [get16(f, IP), get16(f, IP + 2)];
const isSyn = (f: Uint8Array): boolean => ((f[IP + 13] as number) & SYN) !== 0;

/** QEMU's initial sequence numbers, in the recording and in our run, by the guest's and the other port. */
class Isns {
  readonly #known = new Map<string, number>();

  learn(f: Uint8Array): void {
    if (!isTcp(f) || !isSyn(f)) return;
    const [from, to] = ports(f);
    this.#known.set(`${to} ${from}`, get32(f, IP + 4));
  }

  of(guestPort: number, otherPort: number): number {
    return this.#known.get(`${guestPort} ${otherPort}`) ?? 0;
  }
}

/** A frame of QEMU's with its sequence number counted from the initial one, and no TCP checksum. */
function relative(frame: Uint8Array, isns: Isns): string {
  const f = frame.slice();
  if (isTcp(f)) {
    const [from, to] = ports(f);
    put32(f, IP + 4, (get32(f, IP + 4) - isns.of(to, from)) >>> 0);
    put16(f, IP + 16, 0);
  }
  return Buffer.from(f).toString('hex');
}

/** A frame of the guest's that acknowledges what we have sent in place of what QEMU had. */
function rebased(frame: Uint8Array, theirs: Isns, ours: Isns): Uint8Array {
  const f = frame.slice();
  if (!isTcp(f) || get32(f, IP + 8) === 0) return f;
  const [from, to] = ports(f);
  put32(f, IP + 8, (get32(f, IP + 8) - theirs.of(from, to) + ours.of(from, to)) >>> 0);
  const length = get16(f, ETH + 2) - 20;
  put16(f, IP + 16, 0);
  put16(
    f,
    IP + 16,
    checksum(
      f,
      IP,
      length,
      pseudoSum4(get32(f, ETH + 12) as never, get32(f, ETH + 16) as never, 6, length),
    ),
  );
  return f;
}

function skbOf(bytes: Uint8Array): SkBuff {
  const skb = allocSkb(bytes.length);
  skb.buf.set(bytes, skb.put(bytes.length));
  return skb;
}

/** What the web server of the recording answered. */
function webAnswer(): Uint8Array {
  const found = session.find(
    ({ from, bytes }) => from === 'qemu' && isTcp(bytes) && bytes.length > 200,
  );
  return found?.bytes.slice(IP + 20) ?? new Uint8Array(0);
}

/** A host with a loopback, the recording's web server, and somebody who connects to the forwarded port as it did. */
function host(sim: Simulator): { machine: Machine; proc: Process } {
  const machine = new Machine(sim, { name: 'host', packages: debianPackages });
  linkSet(machine.kernel.initNetns, 1, { setFlags: IFF_UP });
  const idle = (proc: Process): Promise<number> => proc.park('the test to end', () => undefined);
  return { machine, proc: machine.startProcess(undefined, ['qemu'], idle, {}) };
}

function serve(machine: Machine): void {
  const { tcp } = machine.kernel.initNetns;
  const listener = tcp.open('inet');
  listener.bind({ addr: parseIpv4('127.0.0.1') as never, port: 8000 });
  listener.listen(5);
  listener.wq.add(() => {
    const conn = listener.accept();
    conn?.wq.add(() => {
      if ((conn.recv(4096)?.data.length ?? 0) === 0) return;
      conn.send(webAnswer());
      conn.close();
    });
  });
}

function connect(machine: Machine, port: number): void {
  const sock = machine.kernel.initNetns.tcp.open('inet');
  sock.bind({ addr: parseIpv4('127.0.0.1') as never, port });
  try {
    sock.connect({ addr: parseIpv4('127.0.0.1') as never, port: 2222 });
  } catch {
    // it is on its way
  }
}

it('answers the frames of a real guest with the frames of QEMU', async () => {
  const sim = new Simulator();
  const { machine, proc } = host(sim);
  serve(machine);
  const net = new UserNet(proc, DEFAULT_USER_CONFIG, 'replay');
  net.addHostForward(parseHostForward('tcp::2222-:22'));
  const [theirs, ours] = [new Isns(), new Isns()];
  const sent: string[] = [];
  const expected: string[] = [];
  net.guest = {
    isBehind: () => false,
    deliver: (skb) => {
      const bytes = skb.buf.slice(skb.data, skb.tail);
      ours.learn(bytes);
      sent.push(relative(bytes, ours));
    },
  };
  for (const { us, from, bytes } of session) {
    const forwarded = from === 'qemu' && isTcp(bytes) && ports(bytes)[1] === 22;
    if (forwarded) {
      await sim.run(us * US);
      connect(machine, ports(bytes)[0]);
    }
    if (from === 'qemu') {
      theirs.learn(bytes);
      expected.push(relative(bytes, theirs));
      await sim.run(us * US + 1000 * US);
    } else {
      await sim.run(Math.max(sim.now, us * US));
      net.receive(skbOf(rebased(bytes, theirs, ours)));
    }
  }
  await sim.run(sim.now + 1000 * US);
  expect(sent).toEqual(expected);
});

it.each([
  ['tftp', 'the files that TFTP serves, and those that it does not'],
  ['refusals', 'addresses that are there, and those that are not'],
])('%s: %s', async (name) => {
  const sim = new Simulator();
  const { machine, proc } = host(sim);
  machine.fs.mkdir('/srv/tftp', { recursive: true });
  machine.fs.writeFile('/srv/tftp/short', 'a short file\n');
  machine.fs.writeFile('/srv/tftp/long', 'abcdefghijklmnopqrstuvwxyz'.repeat(60));
  machine.kernel.initNetns.sysctl.write('net/ipv4/ping_group_range', '0 2147483647');
  const tftp = name === 'tftp' ? '/srv/tftp' : undefined;
  const net = new UserNet(proc, { ...DEFAULT_USER_CONFIG, tftp }, 'replay');
  if (name === 'refusals')
    net.addGuestForward({
      addr: parseIpv4('10.0.2.100') as never,
      port: 80,
      target: { kind: 'command', argv: ['cat'] },
    });
  const sent: string[] = [];
  net.guest = {
    isBehind: () => false,
    deliver: (skb) => void sent.push(unpadded(skb.buf.slice(skb.data, skb.tail))),
  };
  const frames = recorded(name);
  for (const { from, bytes } of frames) {
    if (from === 'guest') net.receive(skbOf(bytes));
    await sim.run(sim.now + 100_000 * US);
  }
  const expected = frames.filter((f) => f.from === 'qemu').map((f) => unpadded(f.bytes));
  expect(sent).toEqual(expected);
});
