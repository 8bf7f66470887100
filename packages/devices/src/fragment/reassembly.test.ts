import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { putIpv6 } from '@labwire/core/addr';
import { get8, put8, put16, put32 } from '@labwire/core/bytes';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { expect, it } from 'vitest';
import { Hosts, ip4 } from '../../../../test/kit/hosts.ts';
import { FragmentQueues } from '../ipv4/fragment/reassembly.ts';
import { Ip6Frags } from '../ipv6/ip6-frags.ts';

/**
 * What Linux 6.18 made of fragments of 40 bytes, for either family: where each began and ended in units of eight bytes, in the
 * order in which they were sent, and the packets that came of them. A unit of the n-th fragment is the n-th letter.
 */
interface Recorded {
  readonly parts: readonly (readonly [start: number, end: number])[];
  readonly got: readonly string[];
}

const UNITS = 5;
const FILE = fileURLToPath(new URL('reassembly.linux.jsonl', import.meta.url));
const recorded = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

type Part = Recorded['parts'][number];

function fragment4(id: number, [start, end]: Part, letter: number): SkBuff {
  const length = (end - start) * 8;
  const skb = allocSkb(20 + length);
  skb.nh = skb.put(20 + length);
  const { buf, nh } = skb;
  buf.fill(0, nh, nh + 20);
  put16(buf, nh, 0x4500);
  put16(buf, nh + 2, 20 + length);
  put16(buf, nh + 4, id);
  put16(buf, nh + 6, (end === UNITS ? 0 : 0x2000) | start);
  put16(buf, nh + 8, 0x40fd);
  put32(buf, nh + 12, ip4('127.0.0.2'));
  put32(buf, nh + 16, ip4('127.0.0.1'));
  buf.fill(letter, nh + 20, nh + 20 + length);
  return skb;
}

function fragment6(id: number, [start, end]: Part, letter: number): SkBuff {
  const length = (end - start) * 8;
  const skb = allocSkb(48 + length);
  skb.nh = skb.put(48 + length);
  const { buf, nh } = skb;
  buf.fill(0, nh, nh + 48);
  put32(buf, nh, 0x6000_0000);
  put16(buf, nh + 4, 8 + length);
  put16(buf, nh + 6, 0x2c40);
  for (const at of [8, 24]) putIpv6(buf, nh + at, { w0: 0, w1: 0, w2: 0, w3: 1 } as never);
  put8(buf, nh + 40, 253);
  put16(buf, nh + 42, (start << 3) | (end === UNITS ? 0 : 1));
  put32(buf, nh + 44, id);
  buf.fill(letter, nh + 48, nh + 48 + length);
  return skb;
}

/** The letters of what lies behind a packet's header. */
function letters(skb: SkBuff, hlen: number): string {
  const at = Array.from(
    { length: (skb.tail - skb.nh - hlen) / 8 },
    (_, i) => skb.nh + hlen + i * 8,
  );
  return String.fromCharCode(...at.map((n) => get8(skb.buf, n)));
}

/** Sends the parts one after the other. @returns what came of them */
function play(
  { parts }: Recorded,
  add: (part: Part, letter: number) => SkBuff | null,
  hlen: number,
): string[] {
  return parts.flatMap((part, i) => {
    const whole = add(part, 'A'.charCodeAt(0) + i);
    return whole === null ? [] : [letters(whole, hlen)];
  });
}

it('makes of fragments in every order, overlapping or doubled, what Linux makes', () => {
  const netns = new Hosts().host();
  const queues4 = new FragmentQueues(netns.ipv4);
  const queues6 = new Ip6Frags(netns.ipv6);
  expect(recorded.length).toBeGreaterThan(300);
  recorded.forEach((run, id) => {
    const inet = play(run, (part, letter) => queues4.defrag(fragment4(id, part, letter)), 20);
    const inet6 = play(
      run,
      (part, letter) => {
        const skb = fragment6(id, part, letter);
        return queues6.receive(skb, skb.nh + 40, skb.nh + 6);
      },
      40,
    );
    expect({ ...run, inet, inet6 }).toEqual({ ...run, inet: run.got, inet6: run.got });
  });
});
