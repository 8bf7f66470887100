import { MAC_BROADCAST, type MacAddr } from '@labwire/core/addr';
import { get16, put16, put48 } from '@labwire/core/bytes';
import { MS, Simulator } from '@labwire/core/sim';
import {
  allocSkb,
  type DropReason,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PACKET_OUTGOING,
  type SkBuff,
} from '@labwire/core/skb';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { connect, devOpen, type NetDevice, Nic, registerNetdevice, Veth } from '../link/index.ts';
import { linkAdd, linkSet } from '../rtnetlink/index.ts';
import { Kernel } from './index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;
const ETH_P_8021Q = 0x8100;

function quietKernel(sim: Simulator, name: string): Kernel {
  const kernel = new Kernel(sim, name);
  for (const dir of ['all', 'default'])
    kernel.initNetns.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
  return kernel;
}

function pair() {
  const sim = new Simulator();
  const kernel = quietKernel(sim, 'host');
  const netns = kernel.initNetns;
  const [dev, peer] = Veth.createPair({ netns, name: 'v0' }, { netns, name: 'v1' });
  devOpen(dev);
  devOpen(peer);
  sim.runEvents(MS);
  const drops: DropReason[] = [];
  kernel.trace.drop.listen((reason) => drops.push(reason));
  const send = (skb: SkBuff) => {
    dev.xmit(skb);
    sim.runEvents(sim.now + MS);
  };
  return { sim, kernel, netns, dev, peer, drops, send };
}

function skbOf(bytes: Uint8Array): SkBuff {
  const skb = allocSkb(bytes.length);
  skb.buf.set(bytes, skb.put(bytes.length));
  return skb;
}

/** An Ethernet frame with words behind its addresses, in 60 bytes. */
function frame(dst: MacAddr, ...words: number[]): SkBuff {
  const skb = allocSkb(60);
  const at = skb.put(60);
  skb.buf.fill(0, at, skb.tail);
  put48(skb.buf, at, dst);
  put48(skb.buf, at + 6, 0x020000000009);
  for (const [i, word] of words.entries()) put16(skb.buf, at + 12 + 2 * i, word);
  return skb;
}

it('tells whom a frame is for', () => {
  const { kernel, peer, send } = pair();
  const types: number[] = [];
  kernel.trace.receive.listen((skb) => types.push(skb.pktType));
  for (const dst of [
    peer.addr,
    MAC_BROADCAST,
    0x01005e000001 as MacAddr,
    0x020000000077 as MacAddr,
  ])
    send(frame(dst, OURS));
  expect(types).toEqual([PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST, PACKET_OTHERHOST]);
});

it('drops what no layer takes, and says so', () => {
  const { peer, drops, send } = pair();
  const before = peer.stats.rxDropped;
  send(frame(peer.addr, OURS));
  expect([drops, peer.stats.rxDropped - before]).toEqual([['unhandled_proto'], 1]);
});

it('takes a VLAN tag out of the frame', () => {
  const { kernel, peer, send } = pair();
  const seen: number[][] = [];
  kernel.trace.receive.listen((skb) =>
    seen.push([skb.vlanTci, skb.protocol, get16(skb.buf, skb.mac + 12), skb.tail - skb.mac]),
  );
  send(frame(peer.addr, ETH_P_8021Q, 0x2005, OURS));
  expect(seen).toEqual([[0x2005, OURS, OURS, 56]]);
});

it('lets packet sockets see both ways, of one device or of all', () => {
  const { kernel, netns, dev, peer, send } = pair();
  const seen: string[] = [];
  const note = (who: string) => (skb: SkBuff, at: NetDevice) => {
    if (get16(skb.buf, skb.mac + 12) === OURS)
      seen.push(`${who}: ${skb.pktType === PACKET_OUTGOING ? 'out of' : 'in at'} ${at.name}`);
  };
  netns.openTap().listen(note('all'));
  peer.openTap().listen(note('v1'));
  kernel.trace.xmit.listen(note('trace'));
  dev.openTap();
  send(frame(peer.addr, OURS));
  expect(seen).toEqual(['trace: out of v0', 'all: out of v0', 'v1: in at v1', 'all: in at v1']);
});

it('when it ends sends its NICs back and deletes its other devices', () => {
  const sim = new Simulator();
  const kernel = quietKernel(sim, 'host');
  const init = kernel.initNetns;
  for (const name of ['eth0', 'eth1']) registerNetdevice(init, new Nic(name, kernel.randomMac()));
  const lab = kernel.newNetns();
  for (const ifindex of [2, 3]) linkSet(init, ifindex, { netns: lab });
  registerNetdevice(init, new Nic('eth1', kernel.randomMac()));
  linkAdd(lab, { kind: 'bridge', name: 'br0' });
  linkAdd(init, { kind: 'veth', name: 'out', peer: { name: 'in', netns: lab } });
  lab.ref();
  lab.unref();
  expect(init.devices.byName('out')).toBeDefined();
  lab.unref();
  expect(init.devices.list().map((d) => d.name)).toEqual(['lo', 'eth0', 'dev0', 'eth1']);
  expect(kernel.netnses()).toEqual([init]);
});

/** Frames that are nearly right, and frames that are not. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc
    .tuple(
      fc.constantFrom(
        0x020000000001,
        0xffffffffffff,
        0x01005e000001,
        0x333300000001,
        0x0180c2000000,
      ),
      fc.constantFrom(0x0800, 0x0806, 0x86dd, 0x8100, 0x0026, OURS),
      fc.uint8Array({ maxLength: 100 }),
    )
    .map(([dst, type, rest]) => {
      const out = new Uint8Array(14 + rest.length);
      put48(out, 0, dst);
      put48(out, 6, 0x020000000009);
      put16(out, 12, type);
      out.set(rest, 14);
      return out;
    }),
);

it('survives any frame at a veth, a NIC and a bridge', () => {
  const sim = new Simulator();
  const [kernel, other] = [new Kernel(sim, 'host'), quietKernel(sim, 'other')];
  const netns = kernel.initNetns;
  const [veth] = Veth.createPair({ netns, name: 'v0' }, { netns, name: 'v1' });
  const nics = [other, kernel].map((k, n) => {
    const nic = new Nic('eth0', (0x020000000001 + n) as MacAddr);
    registerNetdevice(k.initNetns, nic);
    return nic;
  }) as [Nic, Nic];
  connect(sim, 'lan', nics);
  const br0 = linkAdd(netns, { kind: 'bridge', setFlags: 1, infoData: { stp_state: 1 } });
  for (const dev of [...netns.devices.list(), ...other.initNetns.devices.list()]) devOpen(dev);
  linkSet(netns, (veth.linkDevice as NetDevice).ifindex, { master: br0 });
  fc.assert(
    fc.property(bytes, fc.boolean(), (data, atNic) => {
      (atNic ? nics[0] : veth).xmit(skbOf(data));
      sim.runEvents(sim.now + MS);
    }),
    { numRuns: 1000 },
  );
});
