import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Args,
  Exit,
  Failure,
  isIfname,
  parseEtherAddr,
  parseInteger,
  parseLinkAddr,
  parseOnOff,
  parsePrefix,
  parseTimeRtt,
  parseUnsigned,
  sameBits,
  tryPrefix,
} from './index.ts';

function thrown(run: () => unknown): Exit | Failure {
  try {
    run();
  } catch (e) {
    if (e instanceof Exit || e instanceof Failure) return e;
    throw e;
  }
  throw new Error('nothing was thrown');
}

describe('the words of a command line', () => {
  it('match a keyword by any beginning of it, but not by nothing', () => {
    const args = new Args(['add', 'a', 'addr', '']);
    expect(args.matches('address')).toBe(true);
    args.skip();
    expect(args.matches('show', 'add')).toBe(true);
    args.skip();
    expect(args.matches('add')).toBe(false);
    args.skip();
    expect(args.matches('add')).toBe(false);
  });

  it('end with one message where a value is missing', () => {
    const args = new Args(['dev']);
    expect(thrown(() => args.value())).toMatchObject({
      status: 255,
      text: 'Command line is not complete. Try option "help"\n',
    });
  });
});

describe('numbers', () => {
  it.each([
    ['10', 10],
    ['0x10', 16],
    ['010', 8],
    ['08', undefined],
    ['', undefined],
    ['1x', undefined],
    ['-1', -1],
    ['2147483648', undefined],
  ])('%j is the int %s', (text, value) => {
    expect(parseInteger(text)).toBe(value);
  });

  it('wraps a negative one round, out of the range of an unsigned one', () => {
    expect(parseUnsigned('-1')).toBeUndefined();
    expect(parseUnsigned('4294967295')).toBe(4_294_967_295);
    expect(parseUnsigned('256', 255)).toBeUndefined();
  });

  it.each([
    ['200ms', { ms: 200, raw: false }],
    ['1.5s', { ms: 1500, raw: false }],
    ['7', { ms: 7, raw: true }],
    ['7min', undefined],
  ])('%j is the time %j', (text, value) => {
    expect(parseTimeRtt(text)).toEqual(value);
  });
});

describe('prefixes', () => {
  it.each([
    ['10.8/16', '10.8.0.0', 16],
    ['10.8', '10.8.0.0', 32],
    ['192.168.1.7/255.255.255.0', '192.168.1.7', 24],
    ['0x0a.1', '10.1.0.0', 32],
  ])('%j is %s/%d', (text, addr, bitlen) => {
    const prefix = parsePrefix(text, undefined);
    expect([formatIpv4(prefix.addr as Ipv4Addr), prefix.bitlen]).toEqual([addr, bitlen]);
  });

  it.each(['10.0.0.0/33', '10.0.0.300', '10.0.0.1/255.0.255.0', 'default/8', '::1/129', 'eth0'])(
    '%j is none',
    (text) => {
      expect(tryPrefix(text, undefined)).toBeUndefined();
    },
  );

  it('name the family that was asked for where they refuse', () => {
    expect(thrown(() => parsePrefix('fd00::1', 'inet')).text).toBe(
      'Error: inet prefix is expected rather than "fd00::1".\n',
    );
  });

  it('hold an address exactly if all their bits are the same', () => {
    const word = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
    const bits = (n: number) => (n >>> 0).toString(2).padStart(32, '0');
    fc.assert(
      fc.property(word, fc.nat(32), fc.nat(32), (a, flip, length) => {
        const b = flip === 32 ? a : a ^ (1 << flip);
        const same = bits(a).slice(0, length) === bits(b).slice(0, length);
        return sameBits(a as Ipv4Addr, b as Ipv4Addr, length) === same;
      }),
    );
  });
});

describe('other values', () => {
  it('takes link-layer addresses of any length and tells the part that is none', () => {
    expect(parseLinkAddr('2:0:5')).toEqual([2, 0, 5]);
    expect(parseLinkAddr('10.0.0.1')).toEqual([10, 0, 0, 1]);
    expect(thrown(() => parseLinkAddr('02:00:zz')).text).toBe('"zz" is invalid lladdr.\n');
    expect(parseEtherAddr('02:00:00:00:00')).toBeUndefined();
  });

  it('takes names of devices of up to 15 characters without slash and space', () => {
    expect(['eth0', 'a'.repeat(15), 'a'.repeat(16), 'a/b', 'a b', ''].map(isIfname)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('takes on and off shortened, and exits as the caller says', () => {
    expect([parseOnOff('x', 'on', 1), parseOnOff('x', 'of', 1)]).toEqual([true, false]);
    expect(thrown(() => parseOnOff('x', 'maybe', 22))).toMatchObject({
      status: 22,
      text: 'Error: argument of "x" must be one of "off", "on", not "maybe"\n',
    });
  });
});
