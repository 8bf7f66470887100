import type { MacAddr } from '@labwire/core/addr';
import { put8, put16, put48 } from '@labwire/core/bytes';
import { SEC, Simulator } from '@labwire/core/sim';
import { allocSkb, freeSkb } from '@labwire/core/skb';
import { describe, expect, it } from 'vitest';
import { NF_ACCEPT, NF_DROP } from '../../netfilter/index.ts';
import { Kernel } from '../../netns/index.ts';
import type { EbtMatch, EbtPolicy, EbtRule, EbtTable, EbtTarget } from './index.ts';

const FORWARD = 2;
const PEER = 0x020000000001 as MacAddr;

const yes = <T>(value: T): { value: T; invert: boolean } => ({ value, invert: false });
const no = <T>(value: T): { value: T; invert: boolean } => ({ value, invert: true });

function rule(target: EbtTarget, ...steps: EbtRule['steps']): EbtRule {
  return { steps, target, counters: { packets: 0, bytes: 0 } };
}

interface Bench {
  readonly sim: Simulator;
  readonly table: EbtTable;
  chain(name: string, policy: EbtPolicy, ...rules: EbtRule[]): void;
}

function bench(): Bench {
  const sim = new Simulator();
  const table = new Kernel(sim, 'm').initNetns.ebtables.ensure('filter');
  const chains = new Map();
  return {
    sim,
    table,
    chain(name, policy, ...rules) {
      chains.set(name, { name, policy, rules });
      table.replace(chains);
    },
  };
}

/** Shows a frame to the chain FORWARD. @returns whether it goes on */
function passes(table: EbtTable, type: number, body: number[], vlanTci = -1): boolean {
  const skb = allocSkb(200);
  const at = skb.put(14 + 60);
  skb.buf.fill(0, at, skb.tail);
  put48(skb.buf, at, PEER);
  put48(skb.buf, at + 6, PEER);
  put16(skb.buf, at + 12, type);
  for (const [i, b] of body.entries()) put8(skb.buf, at + 14 + i, b);
  Object.assign(skb, { mac: at, protocol: type, vlanTci });
  skb.pull(14);
  const verdict = table.run(skb, FORWARD, null, null);
  freeSkb(skb);
  expect([NF_ACCEPT, NF_DROP]).toContain(verdict);
  return verdict === NF_ACCEPT;
}

/** Whether a match holds for a frame. */
function holds(m: EbtMatch, type: number, body: number[], vlanTci = -1): boolean {
  const { table, chain } = bench();
  chain('FORWARD', 'DROP', rule('ACCEPT', m));
  return passes(table, type, body, vlanTci);
}

describe('the match vlan', () => {
  // priority 5, VLAN 291, IPv4
  const tagged = [0xa1, 0x23, 0x08, 0x00];

  it('asks for the tag that is in the frame', () => {
    expect(holds({ kind: 'vlan', id: yes(291) }, 0x8100, tagged)).toBe(true);
    expect(holds({ kind: 'vlan', id: no(291) }, 0x8100, tagged)).toBe(false);
    expect(holds({ kind: 'vlan', id: yes(292) }, 0x8100, tagged)).toBe(false);
    expect(holds({ kind: 'vlan', prio: yes(5), encap: yes(0x800) }, 0x8100, tagged)).toBe(true);
    expect(holds({ kind: 'vlan', prio: yes(4) }, 0x8100, tagged)).toBe(false);
    expect(holds({ kind: 'vlan', encap: yes(0x806) }, 0x8100, tagged)).toBe(false);
  });

  it('asks for the tag that was taken out of the frame', () => {
    const m: EbtMatch = { kind: 'vlan', id: yes(291), encap: yes(0x800) };
    expect(holds(m, 0x800, [0x45], 0xa123)).toBe(true);
    expect(holds(m, 0x800, [0x45], 0xa124)).toBe(false);
  });
});

describe('the match stp', () => {
  /** A configuration BPDU: root 0x1234/06:05:04:03:02:01 at cost 9, sender 0x8001. */
  const bpdu = [
    0x42, 0x42, 0x03, 0, 0, 0, 0, 0x80, 0x12, 0x34, 6, 5, 4, 3, 2, 1, 0, 0, 0, 9, 0x80, 0x01, 6, 5,
    4, 3, 2, 2, 0x80, 0x02, 0x01, 0x00, 0x14, 0x00, 0x02, 0x00, 0x0f, 0x00,
  ];
  const root = { addr: 0x060504030201 as MacAddr, mask: 0xffffffffffff as MacAddr };

  it('asks for each field', () => {
    const asks: EbtMatch[] = [
      { kind: 'stp', type: yes(0) },
      { kind: 'stp', flags: yes(0x80) },
      { kind: 'stp', rootPrio: yes([0x1234, 0x1300]) },
      { kind: 'stp', rootAddr: yes(root) },
      { kind: 'stp', rootCost: yes([9, 9]) },
      { kind: 'stp', senderPrio: yes([0x8001, 0x8001]) },
      { kind: 'stp', senderAddr: no(root) },
      { kind: 'stp', port: yes([0x8002, 0x8002]) },
      { kind: 'stp', msgAge: yes([256, 256]) },
      { kind: 'stp', maxAge: yes([0x1400, 0x1400]) },
      { kind: 'stp', helloTime: yes([512, 512]) },
      { kind: 'stp', forwardDelay: yes([0xf00, 0xf00]) },
    ];
    for (const m of asks) expect(holds(m, 38, bpdu), JSON.stringify(m)).toBe(true);
    for (const m of asks) {
      const [key, is] = Object.entries(m)[1] as [string, { value: never; invert: boolean }];
      const turned = { kind: 'stp', [key]: { ...is, invert: !is.invert } } as EbtMatch;
      expect(holds(turned, 38, bpdu), JSON.stringify(turned)).toBe(false);
    }
  });

  it('asks a topology change notice for no more than its type', () => {
    const tcn = [0x42, 0x42, 0x03, 0, 0, 0, 0x80];
    expect(holds({ kind: 'stp', type: yes(0x80), rootCost: yes([5, 5]) }, 7, tcn)).toBe(true);
  });

  it('is for no other LLC frames', () => {
    expect(holds({ kind: 'stp', type: yes(0) }, 38, [0x42, 0x42, 0x02, ...bpdu.slice(3)])).toBe(
      false,
    );
  });
});

describe('the match 802_3', () => {
  const snap = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x13, 0x37];

  it('asks for service access points and for the type behind SNAP', () => {
    expect(holds({ kind: '802_3', sap: yes(0xaa), type: yes(0x1337) }, 8, snap)).toBe(true);
    expect(holds({ kind: '802_3', type: yes(0x1338) }, 8, snap)).toBe(false);
    expect(holds({ kind: '802_3', sap: yes(0x42) }, 8, snap)).toBe(false);
    expect(holds({ kind: '802_3', type: no(0x1338) }, 8, [0x42, 0x42, 0x03])).toBe(false);
  });
});

describe('the match ip6', () => {
  // traffic class 0x28, UDP from ::1 to ::2, port 5 to 7
  const packet = Array.from({ length: 48 }, () => 0);
  Object.assign(packet, { 0: 0x62, 1: 0x80, 5: 8, 6: 17, 7: 64, 23: 1, 39: 2, 41: 5, 43: 7 });

  it('asks for class, protocol and ports', () => {
    const udp: EbtMatch = { kind: 'ip6', tclass: yes(0x28), proto: yes(17), dport: yes([6, 7]) };
    expect(holds(udp, 0x86dd, packet)).toBe(true);
    expect(holds({ ...udp, sport: yes([6, 7]) }, 0x86dd, packet)).toBe(false);
    expect(holds({ ...udp, tclass: yes(0x29) }, 0x86dd, packet)).toBe(false);
    expect(holds(udp, 0x0800, packet)).toBe(false);
  });
});

describe('the match limit', () => {
  it('lets a burst pass, and then as many as the rate allows', () => {
    const { sim, table, chain } = bench();
    chain('FORWARD', 'DROP', rule('ACCEPT', { kind: 'limit', avg: 10_000, burst: 2 }));
    const three = (): boolean[] => [1, 2, 3].map(() => passes(table, 0x800, []));
    expect(three()).toEqual([true, true, false]);
    sim.runEvents(SEC);
    expect(three()).toEqual([true, false, false]);
  });
});

describe('a chain of one’s own', () => {
  it('goes back at RETURN whatever its policy, and at its end does what that says', () => {
    const { table, chain } = bench();
    chain('own', 'DROP', rule('RETURN', { kind: 'ip', tos: yes(8) }));
    chain('FORWARD', 'ACCEPT', rule({ kind: 'jump', chain: 'own' }));
    expect(passes(table, 0x800, [0x45, 8])).toBe(true);
    expect(passes(table, 0x800, [0x45, 9])).toBe(false);
    chain('own', 'RETURN');
    expect(passes(table, 0x800, [0x45, 9])).toBe(true);
  });
});

describe('a target', () => {
  it('that continues leaves the rest to the rules behind it', () => {
    const { table, chain } = bench();
    const mark = (verdict: 'CONTINUE' | 'ACCEPT'): EbtRule =>
      rule({ kind: 'mark', op: 'set', value: 7, verdict });
    const marked: EbtMatch = { kind: 'mark_m', value: 7, mask: 7, any: false, invert: false };
    chain('FORWARD', 'ACCEPT', mark('CONTINUE'), rule('DROP', marked));
    expect(passes(table, 0x800, [])).toBe(false);
    chain('FORWARD', 'ACCEPT', mark('ACCEPT'), rule('DROP', marked));
    expect(passes(table, 0x800, [])).toBe(true);
  });

  it('counts only frames that come past all matches', () => {
    const { table, chain } = bench();
    const r = rule('CONTINUE', { kind: 'ip', tos: yes(8) });
    chain('FORWARD', 'ACCEPT', r);
    passes(table, 0x800, [0x45, 8]);
    passes(table, 0x800, [0x45, 9]);
    expect(r.counters).toEqual({ packets: 1, bytes: 60 });
  });
});
