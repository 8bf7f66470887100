import { get8, get16, getU32 } from '@labwire/core/bytes';
import type { CpuMatch, DevgroupMatch, QuotaMatch, SpiMatch, TcpmssMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';
import { portIn } from './port-range.ts';

const AH_HLEN = 12;
const ESP_HLEN = 8;
const TCP_HLEN = 20;

/** `ah_mt()`, `esp_mt()` */
export function spiMatcher(m: SpiMatch): Matcher {
  const [off, hlen] = m.kind === 'ah' ? [4, AH_HLEN] : [0, ESP_HLEN];
  return (p) => {
    if (p.fragOff !== 0 || !p.hasTransport(hlen)) return false;
    return portIn(getU32(p.skb.buf, p.thoff + off), m.spis);
  };
}

/** `quota_mt()`: bytes are counted down; once they are used up it holds no more. */
export function quotaMatcher(m: QuotaMatch): Matcher {
  // what is beyond 2^53 bytes is never counted down to
  let left = Number(m.quota);
  return (p) => {
    if (left < p.len) {
      left = 0;
      return m.invert;
    }
    left -= p.len;
    return !m.invert;
  };
}

function mssOf(p: XtPacket): number | undefined {
  const { buf } = p.skb;
  const end = p.thoff + (get8(buf, p.thoff + 12) >>> 4) * 4;
  if (end > p.skb.tail) return undefined;
  for (let at = p.thoff + 20; at + 1 < end; ) {
    const kind = get8(buf, at);
    if (kind === 2 && at + 4 <= end && get8(buf, at + 1) === 4) return get16(buf, at + 2);
    at += kind < 2 ? 1 : get8(buf, at + 1) || 1;
  }
  return undefined;
}

/** `tcpmss_mt()`; a segment without the option matches what is inverted. Later fragments are taken for segments, too. */
export function tcpmssMatcher(m: TcpmssMatch): Matcher {
  return (p) => {
    const there = p.skb.tail - p.thoff;
    const hlen = there < TCP_HLEN ? 0 : (get8(p.skb.buf, p.thoff + 12) >>> 4) * 4;
    if (hlen < TCP_HLEN || hlen > there) {
      p.hotdrop = true;
      return false;
    }
    const mss = mssOf(p);
    return (mss !== undefined && mss >= m.mss.min && mss <= m.mss.max) !== m.invert;
  };
}

/** `cpu_mt()`: a simulated machine's packets are all handled by CPU 0. */
export function cpuMatcher(m: CpuMatch): Matcher {
  return () => (m.cpu === 0) !== m.invert;
}

/** `devgroup_mt()` */
export function devgroupMatcher(m: DevgroupMatch): Matcher {
  const { src, dst } = m;
  return (p) => {
    if (src !== undefined && (((p.indev?.group ?? 0) & src.mask) === src.group) === src.invert)
      return false;
    return dst === undefined || (((p.outdev?.group ?? 0) & dst.mask) === dst.group) !== dst.invert;
  };
}
