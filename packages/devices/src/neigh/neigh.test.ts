import { MAC_BROADCAST, type MacAddr } from '@labwire/core/addr';
import { get16, get48 } from '@labwire/core/bytes';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addAddr, echoRequest, Hosts, ip4 } from '../../../../test/kit/hosts.ts';
import type { NewFlags } from '../rtnetlink/index.ts';
import { neighAdd, neighDel, neighDump } from '../rtnetlink/index.ts';
import {
  NEIGH_EDGES,
  type NeighAction,
  type NeighEvent,
  type NeighMachine,
  type Nud,
  stepNeigh,
} from './index.ts';

const LIMIT = 6;

/** The machine with a timer that says what the kernel's would. */
class Model implements NeighMachine {
  nud: Nud = 'none';
  probes = 0;
  sent = 0;
  run(action: NeighAction): void {
    if (action === 'firstProbe') this.probes = 3;
    if (action === 'restartProbes') this.probes = 3;
    if (action === 'solicit') {
      this.probes++;
      this.sent++;
    }
  }
  play(event: NeighEvent): void {
    const probing = this.nud === 'incomplete' || this.nud === 'probe';
    const spent = event === 'timeout' && probing && this.probes >= LIMIT;
    stepNeigh(this, spent ? 'exhausted' : event);
  }
}

it.each<[events: NeighEvent[], nud: Nud, sent: number]>([
  [['use'], 'incomplete', 1],
  [['use', 'timeout', 'timeout', 'timeout'], 'failed', 3],
  [['use', 'timeout', 'timeout', 'timeout', 'use'], 'incomplete', 4],
])('%j ends %s', (events, nud, sent) => {
  const model = new Model();
  for (const e of events) model.play(e);
  expect(model).toMatchObject({ nud, sent });
});

it('takes every edge of its table, and nothing else changes a state', () => {
  const events: NeighEvent[] = ['use', 'timeout', 'confirmed', 'recent', 'exhausted'];
  for (const [nud, edges] of Object.entries(NEIGH_EDGES)) {
    for (const event of events) {
      const ran: NeighAction[] = [];
      const machine: NeighMachine = { nud: nud as Nud, run: (a) => void ran.push(a) };
      stepNeigh(machine, event);
      const [next = nud, ...actions] = edges[event] ?? [];
      expect([machine.nud, ran]).toEqual([next, actions]);
    }
  }
});

it('never has more than three requests unanswered', () => {
  const event = fc.constantFrom<NeighEvent>('use', 'timeout');
  const property = fc.property(fc.array(event, { minLength: 100, maxLength: 100 }), (events) => {
    const model = new Model();
    for (const e of events) {
      model.play(e);
      expect(model.probes).toBeLessThanOrEqual(LIMIT);
    }
  });
  fc.assert(property);
});

function twoHosts() {
  const net = new Hosts();
  const [a, b] = [net.host(), net.host()];
  const [v0, v1] = net.cable(a, 'v0', b, 'v1');
  addAddr(a, 'v0', '10.0.0.1/24');
  addAddr(b, 'v1', '10.0.0.2/24');
  /** ARP frames that a sends: operation and destination. */
  const arps: [op: number, to: MacAddr][] = [];
  net.kernel.trace.xmit.listen((skb, dev) => {
    if (dev !== v0 || get16(skb.buf, skb.mac + 12) !== 0x0806) return;
    arps.push([get16(skb.buf, skb.mac + 20), get48(skb.buf, skb.mac) as MacAddr]);
  });
  const ping = a.ipv4.openPing();
  const send = (to = '10.0.0.2') => ping.send(echoRequest(1), { addr: ip4(to), port: 0 });
  const state = () => neighDump(a, 'inet').find((n) => n.dst === ip4('10.0.0.2'))?.state;
  return { net, a, b, v0, v1, arps, send, state, ping };
}

it('ages from reachable to stale, is probed by unicast five seconds after use, and again reachable', () => {
  const { net, arps, send, state, v1 } = twoHosts();
  send();
  net.run(0.1);
  expect([state(), arps.splice(0)]).toEqual(['REACHABLE', [[1, MAC_BROADCAST]]]);
  net.run(60);
  expect(state()).toBe('STALE');
  arps.splice(0);
  send();
  net.run(4.9);
  expect([state(), arps.length]).toEqual(['DELAY', 0]);
  net.run(0.2);
  expect(state()).toBe('REACHABLE');
  expect(arps).toContainEqual([1, v1.addr]);
});

it('fails after three requests a second apart, and asks again at the next use', () => {
  const { net, a, arps, send, ping } = twoHosts();
  send('10.0.0.9');
  const fate = () => neighDump(a, 'inet').find((n) => n.dst === ip4('10.0.0.9'))?.state;
  net.run(2.9);
  expect([fate(), arps.length]).toEqual(['INCOMPLETE', 3]);
  net.run(0.2);
  expect([fate(), arps.length]).toEqual(['FAILED', 3]);
  ping.takeError();
  send('10.0.0.9');
  expect([fate(), arps.length]).toEqual(['INCOMPLETE', 4]);
});

it('keeps packets for a neighbour that has not answered, up to unres_qlen_bytes', () => {
  const { net, a, b, send } = twoHosts();
  a.sysctl.write('net/ipv4/neigh/v0/unres_qlen_bytes', '2000');
  for (let i = 0; i < 5; i++) send();
  net.run();
  expect(b.ipv4.icmp.mib.InMsgs).toBe(2);
  expect(a.ipv4.neigh.counters.unresolvedDiscards).toBe(3);
});

it('forgets what it learnt, but not what was configured, with the carrier, and all when down', () => {
  const { net, a, v0, v1, send } = twoHosts();
  send();
  net.run();
  const lladdr = 0x020000000005 as MacAddr;
  const entry = { family: 'inet', ifindex: v0.ifindex, dst: ip4('10.0.0.5'), lladdr } as const;
  neighAdd(a, entry, { create: true, excl: true });
  net.setDown(v1);
  expect(neighDump(a, 'inet').map((n) => n.state)).toEqual(['PERMANENT']);
  net.setDown(v0);
  expect(neighDump(a, 'inet')).toEqual([]);
});

it('is added, changed, replaced and deleted as ip neigh does, with the words of the kernel', () => {
  const { a, v0 } = twoHosts();
  const of = (last: number, more = {}) =>
    ({ family: 'inet', ifindex: v0.ifindex, dst: ip4(`10.0.0.${last}`), ...more }) as const;
  const lladdr = 0x020000000005 as MacAddr;
  const ADD: NewFlags = { create: true, excl: true };
  expect(() => neighAdd(a, of(5), ADD)).toThrow('No link layer address given');
  // what was refused has left an entry
  expect(() => neighAdd(a, of(5, { lladdr }), ADD)).toThrow('File exists');
  expect(() => neighAdd(a, of(6, { lladdr }), { replace: true })).toThrow('No such file');
  neighAdd(a, of(6, { lladdr, state: 'REACHABLE' }), { create: true, replace: true });
  neighAdd(a, of(6, { lladdr: lladdr + 1 }), { replace: true });
  expect(neighDump(a, 'inet').find((n) => n.dst === ip4('10.0.0.6'))).toMatchObject({
    state: 'PERMANENT',
    lladdr: lladdr + 1,
  });
  neighDel(a, of(6));
  expect(() => neighDel(a, of(6))).toThrow('No such file');
});

it('answers for others with proxy_arp, and not for itself with arp_ignore 8', () => {
  const { net, a, b, send, state } = twoHosts();
  b.sysctl.write('net/ipv4/conf/v1/arp_ignore', '8');
  send();
  net.run();
  expect(state()).toBe('INCOMPLETE');
  const c = net.host();
  net.cable(b, 'v2', c, 'v3');
  addAddr(b, 'v2', '10.0.1.1/24');
  b.sysctl.write('net/ipv4/ip_forward', '1');
  b.sysctl.write('net/ipv4/conf/v1/proxy_arp', '1');
  addAddr(a, 'v0', '10.0.1.9/16');
  send('10.0.1.7');
  net.run(2);
  const proxied = neighDump(a, 'inet').find((n) => n.dst === ip4('10.0.1.7'));
  expect(proxied).toMatchObject({ state: 'REACHABLE', lladdr: b.devices.byName('v1')?.addr });
});
