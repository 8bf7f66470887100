import { get8, get16, get32, getU32 } from '@labwire/core/bytes';
import type { EbtMatcher } from '../frame.ts';
import type { EbtStp } from '../match.ts';
import { is, macIs, within } from './values.ts';

/** LLC 42 42 03, protocol 0, version 0, and the type. */
const STP_HLEN = 7;
const CONFIG_LEN = 31;
const BPDU_TYPE_CONFIG = 0;

function isStp(buf: Uint8Array, at: number): boolean {
  return get32(buf, at) === 0x4242_0300 && get16(buf, at + 4) === 0;
}

/** `ebt_stp_mt()` */
export function stpMatcher(m: EbtStp): EbtMatcher {
  const { type: _type, kind: _kind, ...config } = m;
  const asksConfig = Object.values(config).some((v) => v !== undefined);
  return ({ skb: { buf, data, tail } }) => {
    if (data + STP_HLEN > tail || !isStp(buf, data)) return false;
    const type = get8(buf, data + 6);
    if (!is(m.type, type)) return false;
    if (type !== BPDU_TYPE_CONFIG || !asksConfig) return true;
    const at = data + STP_HLEN;
    return at + CONFIG_LEN <= tail && configHolds(m, buf, at);
  };
}

/** `ebt_filter_config()` */
function configHolds(m: EbtStp, buf: Uint8Array, at: number): boolean {
  return (
    is(m.flags, get8(buf, at)) &&
    within(m.rootPrio, get16(buf, at + 1)) &&
    macIs(m.rootAddr, buf, at + 3) &&
    within(m.rootCost, getU32(buf, at + 9)) &&
    within(m.senderPrio, get16(buf, at + 13)) &&
    macIs(m.senderAddr, buf, at + 15) &&
    within(m.port, get16(buf, at + 21)) &&
    within(m.msgAge, get16(buf, at + 23)) &&
    within(m.maxAge, get16(buf, at + 25)) &&
    within(m.helloTime, get16(buf, at + 27)) &&
    within(m.forwardDelay, get16(buf, at + 29))
  );
}
