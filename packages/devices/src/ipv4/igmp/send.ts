import { allocSkb, type SkBuff } from '@labwire/core/skb';
import {
  IGMP_LEAVE,
  type Igmp3Record,
  IP_DF,
  IPPROTO_IGMP,
  igmp3ReportLength,
  igmpLength,
  writeIgmp,
  writeIgmp3Report,
} from '@labwire/core/wire';
import { Flow4 } from '../../fib/index.ts';
import type { NetDevice } from '../../link/net-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import { IpOptions } from '../options/index.ts';
import { ipSend } from '../output.ts';
import type { Rtable } from '../rtable.ts';
import { Ipv4TxHeader } from '../tx-header.ts';

/** All routers of version 3. RFC 3376 section 4.2.14 */
const ALL_IGMPV3_ROUTERS = 0xe000_0016 | 0;
/** All routers: where leaves go. RFC 2236 section 9 */
const ALL_ROUTERS = 0xe000_0002 | 0;
/** CS6: network control. IPTOS_PREC_INTERNETCONTROL */
const TOS_CONTROL = 0xc0;

const lookup = new Flow4();
const header = new Ipv4TxHeader();
header.protocol = IPPROTO_IGMP;
header.ttl = 1;
header.tos = TOS_CONTROL;
header.fragOff = IP_DF;
/** Has every router on the way look at it. RFC 2113 */
header.options = new IpOptions(Uint8Array.of(0x94, 4, 0, 0));

/** Sends a report of version 3. `igmpv3_newpack()`, `igmpv3_sendpack()` */
export function sendIgmp3Report(ip: Ipv4, dev: NetDevice, records: readonly Igmp3Record[]): void {
  if (records.length === 0) return;
  const len = igmp3ReportLength(records);
  const skb = allocSkb(len);
  writeIgmp3Report(skb.buf, skb.put(len), records);
  send(ip, dev, skb, ALL_IGMPV3_ROUTERS);
}

/** Sends a report of version 1 or 2, or a leave. `igmp_send_report()` */
export function sendIgmp(ip: Ipv4, dev: NetDevice, type: number, group: number): void {
  const message = { type, code: 0, group, v3: undefined };
  const len = igmpLength(message);
  const skb = allocSkb(len);
  writeIgmp(skb.buf, skb.put(len), message);
  send(ip, dev, skb, type === IGMP_LEAVE ? ALL_ROUTERS : group);
}

function send(ip: Ipv4, dev: NetDevice, skb: SkBuff, daddr: number): void {
  const flow = lookup.to(daddr);
  flow.oif = dev.ifindex;
  flow.protocol = IPPROTO_IGMP;
  if (ip.routeOutput(flow) !== undefined) {
    ip.netns.drop(skb, 'ip_outnoroutes');
    return;
  }
  header.saddr = flow.saddr;
  header.daddr = daddr;
  ipSend(ip, skb, ip.rt as Rtable, header);
}
