import { MS, SEC, Simulator } from '@labwire/core/sim';
import { allocSkb } from '@labwire/core/skb';
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../netns/index.ts';
import type { HashlimitMatch } from '../match.ts';
import { XtPacket } from '../packet.ts';
import { HashlimitTable, hashlimitMatcher, hashlimitProblem } from './hashlimit.ts';

const sim = new Simulator();
const netns = new Kernel(sim, 'host').newNetns();

/** 10.0.0.`src` to 192.0.2.1, UDP from port 5000, with a text behind its header. */
function packet({ src = 1, dport = 53, payload = '' } = {}): XtPacket {
  const len = 28 + payload.length;
  const skb = allocSkb(len);
  skb.nh = skb.put(len);
  const header = [0x45, 0, 0, len, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, src, 192, 0, 2, 1];
  skb.buf.set([...header, 5000 >>> 8, 5000 & 255, 0, dport], skb.nh);
  const p = new XtPacket(netns, false);
  p.load(skb, 1, netns.loopback, null);
  return p;
}

const wait = (ns: number): void => sim.runEvents(sim.now + ns);
const times = <T>(n: number, f: () => T): T[] => Array.from({ length: n }, f);
const trues = (results: readonly boolean[]): number => results.filter((r) => r).length;

describe('hashlimit', () => {
  const PLAIN: HashlimitMatch = {
    kind: 'hashlimit',
    name: 'H',
    above: false,
    bytes: false,
    avg: 1_000_000,
    burst: 3,
    mode: ['srcip'],
    srcmask: 32,
    dstmask: 32,
    htableSize: 0,
    htableMax: 0,
    htableGcInterval: 1000,
    htableExpire: 10_000,
    rateMatch: false,
    rateInterval: 0,
  };
  const limit = (more: Partial<HashlimitMatch>) => {
    const rule = { ...PLAIN, ...more };
    return hashlimitMatcher(rule, new HashlimitTable(rule, sim.now));
  };

  it('lets a burst by, and then a packet for each interval', () => {
    const m = limit({});
    expect(times(5, () => m(packet()))).toEqual([true, true, true, false, false]);
    wait(1 * SEC);
    expect(times(2, () => m(packet()))).toEqual([true, false]);
    wait(5 * SEC);
    expect(trues(times(5, () => m(packet())))).toBe(3);
  });

  it('counts each address, network or port for itself', () => {
    const drain = (m: (p: XtPacket) => boolean) => times(4, () => m(packet()));
    const byAddress = limit({});
    drain(byAddress);
    expect([byAddress(packet()), byAddress(packet({ src: 2 }))]).toEqual([false, true]);
    const byNet = limit({ srcmask: 24 });
    drain(byNet);
    expect(byNet(packet({ src: 2 }))).toBe(false);
    const byPort = limit({ mode: ['dstport'] });
    drain(byPort);
    expect([byPort(packet({ src: 2 })), byPort(packet({ dport: 54 }))]).toEqual([false, true]);
  });

  it('says with --above which packets are too many', () => {
    const m = limit({ above: true });
    expect(times(4, () => m(packet()))).toEqual([false, false, false, true]);
  });

  it('forgets who was not seen for a while, when it next looks', () => {
    const m = limit({ avg: 3_600_000_000, htableExpire: 500 });
    times(4, () => m(packet()));
    wait(600 * MS);
    expect(m(packet())).toBe(false);
    wait(1400 * MS);
    expect(m(packet())).toBe(true);
  });

  it('lets rules of one name share what the first of them asks for', () => {
    const table = new HashlimitTable(PLAIN, sim.now);
    const first = hashlimitMatcher(PLAIN, table);
    const second = hashlimitMatcher({ ...PLAIN, burst: 100, above: true }, table);
    expect([first(packet()), second(packet()), first(packet())]).toEqual([true, false, true]);
    expect([first(packet()), second(packet())]).toEqual([false, true]);
  });

  it('takes a second of a rate in bytes at most for a packet, and then from its bursts', () => {
    const m = limit({ bytes: true, avg: 0xffff_ffff, burst: 2 });
    expect(times(4, () => m(packet({ payload: 'x'.repeat(100) })))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('matches with --rate-match until rate and burst are reached', () => {
    const m = limit({ avg: 500_000, rateMatch: true, rateInterval: 1 });
    expect(trues(times(9, () => m(packet())))).toBe(5);
  });

  it('takes no rate whose burst is beyond 64 bits', () => {
    const day = 86_400_000_000;
    expect(hashlimitProblem({ ...PLAIN, avg: day / 3, burst: 5 }, false)).toBe('ERANGE');
    expect(hashlimitProblem({ ...PLAIN, avg: day / 3, burst: 4 }, false)).toBeUndefined();
    expect(hashlimitProblem({ ...PLAIN, bytes: true, avg: 1 }, false)).toBe('EINVAL');
  });

  it('drops packets that its table has no room for', () => {
    const m = limit({ htableMax: 1, htableSize: 1 });
    m(packet());
    const p = packet({ src: 2 });
    expect([m(p), p.hotdrop]).toEqual([false, true]);
  });
});
