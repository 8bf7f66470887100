import { concat } from '../model/bytes.ts';
import { type Bytes, ICMPV6, icmp, mendTransport, parseMac } from '../model/ipv4.ts';
import { eui64, ipv6, parseAddr6 } from '../model/ipv6.ts';
import type { Dice } from './dice.ts';
import type { Flow } from './flows.ts';
import type { Noted } from './traffic.ts';
import type { World } from './world.ts';

const SOURCE = 1;
const TARGET = 2;

const linkOption = (type: number, mac: string): Bytes => concat([type, 1], parseMac(mac));

const solicitedGroup = (target: Bytes): Bytes =>
  concat([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff], target.subarray(13));

const ODD_OPTIONS: readonly (readonly number[])[] = [
  [1, 0, 0, 0, 0, 0, 0, 0], // no length
  [1, 2, 2, 0, 0, 0, 0, 9],
  [99, 1, 0, 0, 0, 0, 0, 0],
  [14, 1, 1, 2, 3, 4, 5, 6], // nonce
  [1, 1, 2, 0, 0],
];

/** A host that asks for an address, or tells of its own, on the link of a flow. RFC 4861 section 4 */
export function solicit(dice: Dice, world: World, f: Flow): Noted {
  const { addr, dev, mac, near } = f.from;
  const link = eui64('fe80::', mac);
  const mine = near === true && dice.chance(0.6) ? addr : link;
  const asks = dice.chance(0.75);
  const src = parseAddr6(asks && dice.chance(0.12) ? '::' : mine);
  const target = parseAddr6(
    asks
      ? dice.weighted([
          [6, () => dice.pick(world.own.filter((o) => o.dev === dev)).addr],
          [2, () => dice.pick(world.own).addr],
          [2, () => dice.pick(world.odd)],
          [1, () => dice.pick(world.hosts).addr],
        ])()
      : mine,
  );
  const dst = asks && dice.chance(0.7) ? solicitedGroup(target) : dice.chance(0.5) ? target : f.dst;
  const to = typeof dst === 'string' ? parseAddr6(dst) : dst;
  const options = dice.weighted<Bytes>([
    [8, linkOption(asks ? SOURCE : TARGET, mac)],
    [4, new Uint8Array(0)],
    [1, Uint8Array.from(dice.pick(ODD_OPTIONS))],
    [1, linkOption(asks ? SOURCE : TARGET, '02:00:00:00:77:77')],
  ]);
  const flags = asks ? 0 : (dice.pick([0, 1, 2, 3, 4, 5, 6, 7]) << 29) >>> 0;
  const code = dice.chance(0.04) ? 1 : 0;
  const message = icmp(asks ? 135 : 136, code, flags, concat(target, options));
  mendTransport(concat(src, to), ICMPV6, message);
  const hopLimit = dice.chance(0.06) ? dice.pick([1, 64, 254]) : 255;
  const packet = ipv6({ src, dst: to, nextHeader: ICMPV6, hopLimit }, message);
  return { packet, note: asks ? 'neighbour solicitation' : 'neighbour advertisement' };
}
