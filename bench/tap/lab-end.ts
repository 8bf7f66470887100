// The lab's end of what is measured here, in a process and a network namespace of its own: `host WHERE`, a machine with 10.9.0.1/24 at a
// place outside, which takes what comes at port 5001 and sends without end at 5002; `frames WHERE`, the same without super-segments;
// or `bridge WHERE WHERE`, two places in one bridge.
import { Attachment } from '@labwire/attach/attachment';
import { RealTime } from '@labwire/attach/clock';
import { type Outside, openPort } from '@labwire/attach/port';
import { parseWire } from '@labwire/attach/wire';
import type { Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type EventHandler, POLLOUT } from '@labwire/core/sim';
import { IFF_UP, type NetDevice } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import { linkAdd, linkGet, linkSet } from '@labwire/devices/rtnetlink';
import type { TcpSocket } from '@labwire/devices/tcp';
import { ip, Lab } from '../lab.ts';

const CHUNK = new Uint8Array(131_072).fill(0x55);
const READ = 131_072;

const lab = new Lab();
const machine = lab.machine();
const clock = new RealTime(lab.sim, (s) => console.log(`${s.toFixed(1)} s behind`));

/** Does `work` in an event of its own whenever a socket may have become ready. */
function whenReady(socket: TcpSocket, work: () => void): void {
  let queued = false;
  const handler: EventHandler = {
    onEvent: () => {
      queued = false;
      work();
    },
  };
  socket.wq.add(() => {
    if (queued) return;
    queued = true;
    lab.sim.schedule(0, handler, 0, undefined);
  });
  work();
}

function serve(netns: Netns, port: number, use: (socket: TcpSocket) => void): void {
  const listener = netns.tcp.open('inet');
  listener.bind({ addr: 0 as Ipv4Addr, port });
  listener.listen(8);
  whenReady(listener, () => {
    for (let s = listener.accept(); s !== undefined; s = listener.accept()) {
      const socket = s as TcpSocket;
      whenReady(socket, () => untilGone(socket, use));
    }
  });
}

/** A peer may go at any time. */
function untilGone(socket: TcpSocket, use: (socket: TcpSocket) => void): void {
  try {
    use(socket);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    socket.close();
  }
}

function drain(socket: TcpSocket): void {
  for (let piece = socket.recv(READ); piece !== undefined; piece = socket.recv(READ))
    if (piece.data.length === 0) {
      socket.close();
      return;
    }
}

function fill(socket: TcpSocket): void {
  while ((socket.poll() & POLLOUT) !== 0) if (socket.send(CHUNK) === undefined) return;
}

async function attach(dev: string, where: string): Promise<void> {
  const text = `host:${dev}`;
  const open = (outside: Outside, superSegments: boolean) =>
    openPort(text, machine, dev, outside, superSegments);
  await new Attachment(text, open, parseWire(where, dev), clock, () => undefined).open();
  linkSet(machine, linkGet(machine, { name: dev }).ifindex, { setFlags: IFF_UP });
}

const [what, ...places] = process.argv.slice(2);
for (const [i, where] of places.entries()) await attach(`tap${i}`, where);
if (what === 'bridge') {
  const bridge = linkAdd(machine, { kind: 'bridge', name: 'br0' });
  for (const i of places.keys())
    linkSet(machine, linkGet(machine, { name: `tap${i}` }).ifindex, { master: bridge });
  lab.up(machine, bridge);
} else {
  const dev = machine.devices.byName('tap0') as NetDevice;
  if (what === 'frames') dev.tso = false;
  lab.address(machine, dev.ifindex, ip(10, 9, 0, 1), 24);
  serve(machine, 5001, drain);
  serve(machine, 5002, fill);
}
process.once('SIGINT', () => process.exit());
console.log('ready');
await clock.run(() => false);
