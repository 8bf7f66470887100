import fc from 'fast-check';
import { expect, it } from 'vitest';
import { entryName, type IpSet, type IpSetEntry, type IpSetPart } from './data.ts';
import { IpSetIndex } from './index-of.ts';
import { ipSetType } from './types.ts';

function netSet(nets: readonly (readonly [bigint, number])[]): IpSet {
  const entries = new Map<string, IpSetEntry>();
  for (const [addr, prefix] of nets) {
    const host = (1n << BigInt(32 - prefix)) - 1n;
    const parts: IpSetPart[] = [{ value: addr & ~host, extra: prefix, name: '' }];
    const entry = {
      parts,
      nomatch: false,
      expires: undefined,
      packets: 0,
      bytes: 0,
      comment: undefined,
    };
    entries.set(entryName(parts), entry);
  }
  return {
    name: 's',
    type: ipSetType('hash:net'),
    options: {
      family: 'inet',
      hashsize: 1024,
      maxelem: 65_536,
      counters: false,
      comment: false,
      forceadd: false,
    },
    initval: 0,
    entries,
    version: 0,
  };
}

function find(set: IpSet, addr: bigint, now = 0): IpSetEntry | null {
  const index = new IpSetIndex(set);
  index.key.fill(0);
  for (let i = 0; i < 4; i++) index.key[12 + i] = Number((addr >> BigInt(24 - 8 * i)) & 0xffn);
  return index.find(now);
}

const addr = fc.bigInt({ min: 0n, max: 0xffffffffn });

it('finds the narrowest network that holds an address, and none where no network does', () => {
  const net = fc.tuple(addr, fc.integer({ min: 1, max: 32 }));
  fc.assert(
    fc.property(fc.array(net, { maxLength: 12 }), addr, (nets, asked) => {
      const set = netSet(nets);
      for (const a of [asked, ...nets.map(([n]) => n)]) {
        const holds = [...set.entries.values()].filter(({ parts: [p] }) => {
          const shift = BigInt(32 - (p?.extra ?? 0));
          return p !== undefined && a >> shift === p.value >> shift;
        });
        const narrowest = Math.max(-1, ...holds.map((e) => e.parts[0]?.extra ?? -1));
        expect(find(set, a)?.parts[0]?.extra ?? -1).toBe(narrowest);
      }
    }),
  );
});

it('does not find what has timed out, and then finds the wider network that holds it', () => {
  const set = netSet([
    [0x0a000000n, 8],
    [0x0a000100n, 24],
  ]);
  const narrow = [...set.entries.values()][1] as IpSetEntry;
  narrow.expires = 5;
  expect(find(set, 0x0a000101n, 4)).toBe(narrow);
  expect(find(set, 0x0a000101n, 5)?.parts[0]?.extra).toBe(8);
});
