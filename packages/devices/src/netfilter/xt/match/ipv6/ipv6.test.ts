import { parseIpv6 } from '@labwire/core/addr';
import { Simulator } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../../netns/index.ts';
import type { Ipv6headerMatch } from '../../match.ts';
import { XtPacket } from '../../packet.ts';
import { fragMatcher, ipv6headerMatcher, optionsMatcher, rtMatcher } from './index.ts';

const netns = new Kernel(new Simulator(), 'host').newNetns();
const ANY = { min: 0, max: 0xffff_ffff, invert: false };

/** Hop-by-hop with a router alert and PadN, then destination options, routing, fragment, and eight bytes of UDP. */
const HOP_BY_HOP = [60, 0, 5, 2, 0, 0, 1, 0];
const DEST_OPTIONS = [43, 0, 0x95, 4, 1, 2, 3, 4];
const ROUTING = [44, 2, 0, 1, 0, 0, 0, 0, ...new Array(15).fill(0), 9];
const FRAGMENT = [17, 0, 0, 1, 0, 0, 0, 7];
const UDP = [0, 1, 0, 2, 0, 8, 0, 0];

function packet(next: number, ...parts: readonly (readonly number[])[]): XtPacket {
  const payload = parts.flat();
  const fixed = [0x60, 0, 0, 0, 0, payload.length, next, 64, ...new Array(32).fill(0)];
  const skb: SkBuff = allocSkb(fixed.length + payload.length);
  skb.put(fixed.length + payload.length);
  skb.buf.set([...fixed, ...payload], skb.data);
  skb.nh = skb.data;
  const p = new XtPacket(netns, true);
  p.load(skb, 1, null, null);
  return p;
}

const whole = (): XtPacket => packet(0, HOP_BY_HOP, DEST_OPTIONS, ROUTING, FRAGMENT, UDP);
const plain = (): XtPacket => packet(17, UDP);

describe('IPv6 header matches', () => {
  it('find the options of a header in their order, from the first one on', () => {
    const hbh = (options: { type: number; len?: number }[]) =>
      optionsMatcher({ kind: 'hbh', options })(whole());
    expect(hbh([{ type: 5 }])).toBe(true);
    expect(hbh([{ type: 5, len: 2 }, { type: 1 }])).toBe(true);
    expect(hbh([{ type: 5, len: 3 }])).toBe(false);
    expect(hbh([{ type: 1 }])).toBe(false);
    expect(optionsMatcher({ kind: 'dst', options: [{ type: 0x95 }] })(whole())).toBe(true);
  });

  it('compare the length of a header in bytes', () => {
    const dst = (len: number, invert: boolean) =>
      optionsMatcher({ kind: 'dst', options: [], length: { len, invert } })(whole());
    expect([dst(8, false), dst(8, true), dst(16, false)]).toEqual([true, false, false]);
  });

  it('hold for no packet without the header, inverted or not', () => {
    const length = { len: 8, invert: true };
    expect(optionsMatcher({ kind: 'hbh', options: [], length })(plain())).toBe(false);
    const frag = { reserved: false, first: false, more: false, last: false };
    expect(fragMatcher({ kind: 'frag', ids: ANY, ...frag })(plain())).toBe(false);
  });

  it('tell fragments by number and place', () => {
    const flags = { reserved: false, first: false, more: false, last: false };
    const frag = (more: Partial<typeof flags>, id = 7) =>
      fragMatcher({ kind: 'frag', ids: { min: id, max: id, invert: false }, ...flags, ...more })(
        whole(),
      );
    expect([frag({}), frag({}, 8)]).toEqual([true, false]);
    expect([frag({ first: true }), frag({ more: true }), frag({ last: true })]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('ask a routing header for its type, what is left of it, and its addresses', () => {
    const rt = (asked: object) =>
      rtMatcher({ kind: 'rt', segsleft: ANY, reserved: false, notStrict: false, ...asked })(
        whole(),
      );
    const addr = (text: string) => parseIpv6(text);
    expect(rt({ type: { num: 0, invert: false } })).toBe(true);
    expect(rt({ segsleft: { min: 2, max: 5, invert: false } })).toBe(false);
    expect(rt({ addrs: [addr('::9')] })).toBe(true);
    expect(rt({ addrs: [addr('::8')] })).toBe(false);
    expect(rt({ addrs: [addr('::9'), addr('::9')], notStrict: true })).toBe(false);
  });

  it('count headers exactly, or at least with --soft', () => {
    const has = (headers: number, more: Partial<Ipv6headerMatch>, p: XtPacket) =>
      ipv6headerMatcher({ headers, soft: false, invert: false, ...more })(p);
    expect(has(0x80 | 0x40 | 0x20 | 0x10 | 1, {}, whole())).toBe(true);
    expect(has(0x80, {}, whole())).toBe(false);
    expect(has(0x80, { soft: true }, whole())).toBe(true);
    expect(has(1, {}, plain())).toBe(true);
    expect(has(1, { invert: true }, plain())).toBe(false);
  });
});
