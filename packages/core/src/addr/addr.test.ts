import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatIpv4,
  formatIpv6,
  formatMac,
  getIpv6,
  type Ipv4Addr,
  ipv4Mask,
  ipv6,
  isLinkLocal6,
  isLoopback4,
  isMulticast4,
  isMulticast6,
  isMulticastMac,
  linkLocalOf,
  type MacAddr,
  parseIpv4,
  parseIpv6,
  parseMac,
  putIpv6,
  sameIpv6,
  samePrefix4,
  solicitedNode,
} from './index.ts';

const group = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  fc.integer({ min: 0, max: 0xffff }),
);
const groups = fc.array(group, { minLength: 8, maxLength: 8 });
const fromGroups = (g: readonly number[]) => {
  const word = (i: number) => ((g[i] as number) << 16) | (g[i + 1] as number);
  return ipv6(word(0), word(2), word(4), word(6));
};

/** Text that is an address more often than not, and otherwise nearly one. */
const almostIpv6 = fc
  .array(
    fc.constantFrom('0', '1', 'ffff', 'a', '12345', '1.2.3.4', '01.2.3.4', ':', ':', ':', '::'),
    {
      maxLength: 16,
    },
  )
  .map((parts) => parts.join(''));
const almostIpv4 = fc
  .array(fc.constantFrom('0', '1', '255', '256', '01', ' ', '1000', '-1'), { maxLength: 5 })
  .map((parts) => parts.join('.'));

describe('IPv4 addresses', () => {
  it('come back from their text', () => {
    fc.assert(fc.property(fc.integer(), (n) => parseIpv4(formatIpv4(n as Ipv4Addr)) === n));
  });

  it('are what inet_pton() takes and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(almostIpv4, fc.string()), (text) => {
        expect(parseIpv4(text) !== undefined).toBe(isIPv4(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('have the netmasks of their prefix lengths', () => {
    for (let plen = 0; plen <= 32; plen++) {
      const bits = '1'.repeat(plen).padEnd(32, '0');
      expect(ipv4Mask(plen)).toBe(Number.parseInt(bits, 2) | 0);
    }
  });

  it('share a prefix if their first bits are equal', () => {
    const plen = fc.integer({ min: 0, max: 32 });
    const bits = (n: number) => (n >>> 0).toString(2).padStart(32, '0');
    fc.assert(
      fc.property(fc.integer(), plen, plen, (a, flip, n) => {
        const b = flip === 32 ? a : a ^ (1 << (31 - flip));
        const same = bits(a).slice(0, n) === bits(b).slice(0, n);
        expect(samePrefix4(a as Ipv4Addr, b as Ipv4Addr, n)).toBe(same);
      }),
    );
  });

  it('are classed by their first octet', () => {
    const of = (text: string) => parseIpv4(text)!;
    expect(
      ['223.255.255.255', '224.0.0.1', '239.255.255.255', '240.0.0.0'].map(of).map(isMulticast4),
    ).toEqual([false, true, true, false]);
    expect(['126.255.255.255', '127.0.0.1', '128.0.0.0'].map(of).map(isLoopback4)).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('IPv6 addresses', () => {
  it('come back from their text and from bytes', () => {
    const buf = new Uint8Array(20);
    fc.assert(
      fc.property(groups, (g) => {
        const a = fromGroups(g);
        expect(parseIpv6(formatIpv6(a))).toEqual(a);
        putIpv6(buf, 3, a);
        expect(sameIpv6(getIpv6(buf, 3), a)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('are what inet_pton() takes and nothing else', () => {
    fc.assert(
      fc.property(almostIpv6, (text) => {
        expect(parseIpv6(text) !== undefined, text).toBe(isIPv6(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('are printed as a browser prints them, but for embedded IPv4', () => {
    fc.assert(
      fc.property(groups, (g) => {
        fc.pre(g.slice(0, 5).some((x) => x !== 0));
        const text = formatIpv6(fromGroups(g));
        expect(`[${text}]`).toBe(
          new URL(`http://[${g.map((x) => x.toString(16)).join(':')}]/`).hostname,
        );
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::0.1.0.2', '::0.1.0.2'],
    ['::1:0', '::0.1.0.0'],
    ['::ffff:0:0', '::ffff:0.0.0.0'],
    ['::FFFF:10.0.0.1', '::ffff:10.0.0.1'],
    ['0:0:0:0:1:0:0:0', '::1:0:0:0'],
    ['1:0:1:1:1:1:1:1', '1:0:1:1:1:1:1:1'],
    ['1:0:0:1:0:0:1:1', '1::1:0:0:1:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('%s prints as inet_ntop() does: %s', (text, printed) => {
    expect(formatIpv6(parseIpv6(text)!)).toBe(printed);
  });

  it.each([
    ...[
      '',
      ':',
      ':::',
      '1',
      '1::2::3',
      ':1::2',
      '1::2:',
      '00001::',
      '1::2:3:4:5:6:7:8',
      '::%lo',
      '::1 ',
    ],
    ...['1.2.3.4::', '::1.2.3.04', '::1.2.3', '::1.2.3.256', '1:2:3:4:5:6:7:1.2.3.4'],
  ])('are not %j', (text) => {
    expect(parseIpv6(text)).toBeUndefined();
  });

  it('are made of a MAC, and have a solicited-node group', () => {
    const a = linkLocalOf(parseMac('52:54:00:12:34:56')!);
    expect(formatIpv6(a)).toBe('fe80::5054:ff:fe12:3456');
    expect(formatIpv6(solicitedNode(a))).toBe('ff02::1:ff12:3456');
    expect(formatIpv6(linkLocalOf(parseMac('ff:ff:ff:ff:ff:ff')!))).toBe(
      'fe80::fdff:ffff:feff:ffff',
    );
    expect([isLinkLocal6(a), isMulticast6(a)]).toEqual([true, false]);
    expect(isMulticast6(solicitedNode(a))).toBe(true);
    expect(isLinkLocal6(parseIpv6('fec0::1')!)).toBe(false);
    expect(isLinkLocal6(parseIpv6('febf::1')!)).toBe(true);
  });
});

describe('MAC addresses', () => {
  it('come back from their text', () => {
    const mac = fc.integer({ min: 0, max: 0xffff_ffff_ffff }) as fc.Arbitrary<MacAddr>;
    fc.assert(
      fc.property(mac, (m) => {
        expect(formatMac(m)).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
        expect(parseMac(formatMac(m))).toBe(m);
      }),
    );
  });

  it.each([
    '',
    '1:2:3:4:5',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:g',
    '1:2:3:4:5:',
    '001:2:3:4:5:6',
    ' 1:2:3:4:5:6',
  ])('are not %j', (text) => {
    expect(parseMac(text)).toBeUndefined();
  });

  it('are for a group if the first bit on the wire is set', () => {
    const of = (text: string) => isMulticastMac(parseMac(text)!);
    expect(['01:00:5e:00:00:01', '33:33:00:00:00:01', 'ff:ff:ff:ff:ff:ff'].map(of)).not.toContain(
      false,
    );
    expect(['00:00:00:00:00:00', '02:ff:ff:ff:ff:ff', 'fe:00:00:00:00:01'].map(of)).not.toContain(
      true,
    );
  });
});
