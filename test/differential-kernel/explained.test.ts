import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Difference } from './compare/compare.ts';
import { EXPLANATIONS, explain } from './explained.ts';
import type { Case, Observed } from './model/case.ts';

const NOTHING: Observed = {
  failed: [],
  frames: new Map(),
  save: '',
  conntrack: '',
  snmp: '',
  netstat: '',
  received: [],
};

/** What explains a difference of a case that has rules. */
function why(
  seen: Difference,
  tables: Record<string, readonly string[]> = {},
  conntrack: readonly [linux: string, labwire: string] = ['', ''],
): string | undefined {
  const put = Object.entries(tables).map(([name, rules]) => [name, { chains: {}, rules }]);
  const test: Case = {
    seed: 0,
    family: 'inet',
    devices: 1,
    ip: [],
    sysctls: [],
    tables: Object.fromEntries(put),
    sockets: [],
    steps: [],
  };
  const [linux, labwire] = conntrack.map((text) => ({ ...NOTHING, conntrack: text }));
  return explain(seen, test, linux as Observed, labwire as Observed)?.name;
}

const frames = (what: string, text: string): Difference => ({ kind: 'frames', what, text });

describe('what is explained', () => {
  it('is ECE of a SYN-ACK, and no other flag', () => {
    expect(why(frames('flags', 'flags is 24658, in Labwire 24594'))).toBe('ECN is not offered');
    expect(why(frames('flags', 'flags is 24656, in Labwire 24592'))).toBeUndefined();
    expect(why(frames('flags', 'flags is 24594, in Labwire 24592'))).toBeUndefined();
  });

  it('is a word of a fragment where a port is drawn', () => {
    const seen = frames('fragment', 'fragment is 73e20000, in Labwire 73e30000');
    const drawing = { nat: ['-A POSTROUTING -p tcp -j SNAT --to-source 192.0.2.1:40000-40002'] };
    expect(why(seen, drawing)).toBe('checksum of a drawn port');
    expect(why(seen)).toBeUndefined();
    expect(why(seen, {}, ['sport=1 dport=5674', 'sport=1 dport=5675'])).toBeDefined();
    expect(why(seen, {}, ['sport=1 dport=5674', 'sport=1 dport=5674'])).toBeUndefined();
    const more = frames('fragment', 'fragment is 73e20000, in Labwire 73e30001');
    expect(why(more, drawing)).toBeUndefined();
  });

  it('is a copy that circles on both sides', () => {
    const rules = {
      mangle: ['-A INPUT -p icmp -j TEE --gateway 172.16.5.2', '-A OUTPUT -j TOS --set-tos 1'],
    };
    const storm = (what: string): Difference => ({ kind: 'storm', what, text: '' });
    expect(why(storm('both'), rules)).toBe('TEE without end');
    expect(why(storm('Labwire'), rules)).toBeUndefined();
    expect(why(storm('both'))).toBeUndefined();
  });

  it.each(EXPLANATIONS)('has a lab, and a line among the deviations: $name', ({ lab }) => {
    const root = new URL('../../', import.meta.url);
    expect(existsSync(new URL(lab, root))).toBe(true);
    expect(readFileSync(new URL('docs/deviations.md', root), 'utf8')).toContain(lab);
  });
});
