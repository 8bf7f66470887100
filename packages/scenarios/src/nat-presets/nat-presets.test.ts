import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';
import { NAT_KINDS, type NatKind } from './index.ts';

/** What stun(1) calls each kind, seen from inside. */
const SEEN: Readonly<Record<NatKind, string>> = {
  'full-cone': 'Independent Mapping, Independent Filter, preserves ports',
  'address-restricted': 'Independent Mapping, Address Dependent Filter, preserves ports',
  'port-restricted': 'Independent Mapping, Port Dependent Filter, preserves ports',
  symmetric: 'Dependent Mapping, random port',
  'home-router': 'Independent Mapping, Port Dependent Filter, preserves ports',
  'carrier-grade': 'Independent Mapping, Port Dependent Filter, preserves ports',
};

/** What differs from lab to lab. */
interface Case {
  readonly seed: number;
  /** The third byte of the inside's addresses, and the last one of the client's. */
  readonly net: number;
  readonly host: number;
  readonly outer: number;
  readonly port: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.integer({ min: 0, max: 0xffff }),
  net: fc.integer({ min: 0, max: 63 }),
  host: fc.integer({ min: 2, max: 250 }),
  outer: fc.integer({ min: 3, max: 250 }),
  port: fc.integer({ min: 1024, max: 60_000 }),
});

function labOf(nat: string, c: Case): string {
  const net = `100.64.${c.net}`;
  return `---
seed: ${c.seed}
machines:
  client: { interfaces: { eth0: { link: lan, addresses: [${net}.${c.host}/24], gateway: ${net}.1 } } }
  neighbour: { interfaces: { eth0: { link: lan, addresses: [${net}.251/24], gateway: ${net}.1 } } }
  nat:
    interfaces:
      lan0: { link: lan, addresses: [${net}.1/24] }
      wan0: { link: wan, addresses: [203.0.113.${c.outer}/24], gateway: 203.0.113.1 }
    nat: ${nat}
  server: { interfaces: { eth0: { link: wan, addresses: [203.0.113.1/24, 203.0.113.2/24] } } }
---
`;
}

const QUESTIONS = (c: Case): string => `\`\`\`console may-fail
server# stund -b -h 203.0.113.1 -a 203.0.113.2
client# stun 203.0.113.1 -p ${c.port}
neighbour# stun 203.0.113.1 -p ${((c.port + 7000) % 60_000) + 1024}
\`\`\`
`;

/** What STUN clients inside find. */
async function ask(nat: string, c: Case): Promise<string[]> {
  const text = labOf(nat, c) + QUESTIONS(c);
  const { commands, error } = await runLab(loadLab({ file: 'lab.md', text }));
  expect(error).toBeUndefined();
  return commands.slice(1).map(({ output }) => /Primary: (.*?)\s*$/m.exec(output)?.[1] ?? output);
}

describe('a NAT preset is what its name says, to everybody inside', () => {
  it.each(NAT_KINDS)('%s', async (kind) => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        const seen = `${SEEN[kind]}, no hairpin`;
        expect(await ask(kind, c)).toEqual([seen, seen]);
      }),
      { numRuns: 3 },
    );
  });

  it.each(NAT_KINDS.filter((k) => k !== 'symmetric'))('%s with hairpinning', async (kind) => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        const seen = `${SEEN[kind]}, will hairpin`;
        expect(await ask(`{ kind: ${kind}, hairpin: true }`, c)).toEqual([seen, seen]);
      }),
      { numRuns: 2 },
    );
  });
});

describe('nat in the front matter', () => {
  const c: Case = { seed: 1, net: 0, host: 2, outer: 10, port: 5000 };
  const load = (text: string) => () => loadLab({ file: 'lab.md', text });

  it('leaves rules that people can read, and forwards', async () => {
    const text = `${labOf('full-cone', c)}\`\`\`console
nat# head -3 /etc/iptables/ipsets; grep -c PREROUTING /etc/iptables/rules.v4; sysctl -n net.ipv4.ip_forward
\`\`\`
`;
    const { commands } = await runLab(loadLab({ file: 'lab.md', text }));
    expect(commands[0]?.output).toBe(
      'create ports-100.64.0.2 bitmap:port range 0-65535 timeout 300\ncreate ports-100.64.0.251 bitmap:port range 0-65535 timeout 300\n3\n1\n',
    );
  });

  it.each([
    ['half-cone', 'no kind of NAT'],
    ['{ kind: full-cone, outside: eth7 }', 'no interface eth7; write one of lan0, wan0'],
    ['{ kind: full-cone, inside: wan0 }', 'wan0 is inside and outside'],
    ['{ kind: symmetric, hairpin: true }', 'draws its ports at random'],
    ['{ kind: full-cone, hosts: [] }', 'nobody is inside'],
  ])('%s is refused: %s', (nat, words) => {
    expect(load(labOf(nat, c))).toThrow(words);
  });

  it('asks which interface is outside when none shows it', () => {
    const text = labOf('full-cone', c).replace(', gateway: 203.0.113.1', '');
    expect(load(text)).toThrow('write { kind: full-cone, outside: wan0 }');
  });

  it('does not write over a file of the lab', () => {
    const text = labOf('symmetric', c).replace(
      '    nat: ',
      '    files: { /etc/iptables/rules.v4: "" }\n    nat: ',
    );
    expect(load(text)).toThrow('"nat" writes /etc/iptables/rules.v4, too');
  });
});
