import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import { IPV4_LOOPBACK, IPV6_LOOPBACK } from '@labwire/core/addr';
import { expect, it } from 'vitest';
import { type PortHolder, Ports, pickPort } from './ports.ts';

type Holder = { -readonly [K in keyof PortHolder]: PortHolder[K] };

const PORT = 80;
const PLACES: Readonly<Record<string, readonly [Ipv4Addr | Ipv6Addr | undefined, string]>> = {
  '0.0.0.0': [undefined, '4'],
  '127.0.0.1': [IPV4_LOOPBACK, '4'],
  '10.0.0.1': [0x0a000001 as Ipv4Addr, '4'],
  '::': [undefined, '46'],
  '::1': [IPV6_LOOPBACK, '6'],
  ':: IPV6_V6ONLY': [undefined, '6'],
};

function holder(place: string, reuse: string): Holder {
  const [boundAddr, families] = PLACES[place] as readonly [Ipv4Addr | undefined, string];
  return {
    boundPort: PORT,
    boundAddr,
    boundDev: null,
    reuseAddr: reuse === 'SO_REUSEADDR',
    reusePort: reuse === 'SO_REUSEPORT',
    uid: 0,
    listening: false,
    v4: families.includes('4'),
    v6: families.includes('6'),
  };
}

/** Who clashes with whom without any reuse: recorded from Linux 6.18, row first, column second. */
const CLASHES = ['XXXX..', 'XX.X..', 'X.XX..', 'XXXXXX', '...XXX', '...XXX'];

it.each([
  ['', false, true],
  ['', true, true],
  ['SO_REUSEADDR', false, false],
  ['SO_REUSEADDR', true, true],
  ['SO_REUSEPORT', false, false],
  ['SO_REUSEPORT', true, false],
] as const)('two sockets at one port, %s, the first listens: %s', (reuse, listens, clash) => {
  const places = Object.keys(PLACES);
  const table = places.map((first) =>
    places.map((second) => {
      const ports = new Ports();
      const a = holder(first, reuse);
      a.listening = listens;
      ports.add(PORT, a);
      return ports.isFree(PORT, holder(second, reuse)) ? '.' : 'X';
    }),
  );
  const expected = clash ? CLASHES : CLASHES.map((row) => row.replaceAll('X', '.'));
  expect(table.map((row) => row.join(''))).toEqual(expected);
});

it('SO_REUSEPORT is for sockets of one user', () => {
  const ports = new Ports();
  ports.add(PORT, holder('0.0.0.0', 'SO_REUSEPORT'));
  const other = holder('0.0.0.0', 'SO_REUSEPORT');
  other.uid = 1000;
  expect(ports.isFree(PORT, other)).toBe(false);
});

it('a port that everyone has left is free', () => {
  const ports = new Ports();
  const a = holder('0.0.0.0', '');
  ports.add(PORT, a);
  ports.remove(PORT, a);
  expect(ports.isUnused(PORT)).toBe(true);
});

it('connect() takes even ports first and bind() odd ones, and each is found', () => {
  const range = [32_768, 32_775] as const;
  const taken: number[] = [];
  const next = (even: boolean) => {
    const port = pickPort(range, 3, even, (p) => !taken.includes(p));
    taken.push(port);
    return port;
  };
  expect([next(true), next(true), next(true), next(true), next(true)]).toEqual([
    32_774, 32_768, 32_770, 32_772, 32_775,
  ]);
  expect([next(false), next(false), next(false), next(false)]).toEqual([32_769, 32_771, 32_773, 0]);
});
