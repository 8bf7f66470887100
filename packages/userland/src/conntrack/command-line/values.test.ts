import { expect, it } from 'vitest';
import { splitLine } from './load-file.ts';
import { parseAddress, parseMark, parseStatus, splitPort, strtoul } from './values.ts';

it.each([
  ['42', 42],
  ['0x2a', 42],
  ['052', 42],
  ['11-s', 11],
  ['foo', 0],
  ['-1', 0xffff_ffff],
])('reads %j as strtoul(3) does', (text, value) => {
  expect(strtoul(text)).toBe(value);
});

it('takes a mark without a mask for a whole one', () => {
  expect(parseMark('2')).toEqual({ value: 2, mask: 0xffff_ffff });
  expect(parseMark('2/0xf')).toEqual({ value: 2, mask: 15 });
});

it('knows what lies behind the slash of an address', () => {
  expect(parseAddress('1.2.3.0/24')?.plen).toBe(24);
  expect(parseAddress('1.2.3.0/33')?.plen).toBe(-1);
  expect(parseAddress('2001:DB8::1.1.1.1')?.plen).toBeUndefined();
  expect(parseAddress('[::1]')).toBeUndefined();
});

it('splits ports off the addresses of NAT', () => {
  expect(splitPort('1.2.3.4:80')).toEqual({ host: '1.2.3.4', port: 80 });
  expect(splitPort('[::1]:80')).toEqual({ host: '::1', port: 80 });
  expect(splitPort('::1')).toEqual({ host: '::1', port: undefined });
  expect(() => splitPort('[::1]:65536')).toThrow("Invalid port `65536'");
});

it('puts what is negated into the mask', () => {
  const warn = (): void => undefined;
  expect(parseStatus('ASSURED,!SEEN_REPLY', warn)).toEqual({ status: 4, mask: 2 });
  expect(parseStatus('UNREPLIED', warn)).toEqual({ status: 0, mask: 2 });
  expect(() => parseStatus('ASSURED,', warn)).toThrow("Bad parameter `'");
});

it.each([
  ['-D -w 10 # no comment', ['-D', '-w', '10', '#', 'no', 'comment']],
  ['\t# a comment', []],
  ['  ', []],
  ['-I "a b" c', ['-I', 'a b', 'c']],
  ['"a\\"b"', ['a"b']],
])('splits the line %j of a file', (line, words) => {
  expect(splitLine(line)).toEqual(words);
});
