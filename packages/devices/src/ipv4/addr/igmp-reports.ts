/**
 * Membership reports of one device: RFC 3376, host side. A change is reported within two jiffies and once more within
 * a second. Linux net/ipv4/igmp.c.
 * @deviation queries are not answered: nobody here sends any
 */

import type { Ipv4Addr } from '@labwire/core/addr';
import { MS, type Nanos, Timer, type TimerOwner } from '@labwire/core/sim';
import { allocSkb } from '@labwire/core/skb';
import {
  IGMPV3_CHANGE_TO_EXCLUDE,
  IGMPV3_CHANGE_TO_INCLUDE,
  IP_DF,
  IPPROTO_IGMP,
  igmp3ReportLength,
  writeIgmp3Report,
} from '@labwire/core/wire';
import { Flow4 } from '../../fib/index.ts';
import type { InDevice } from '../in-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import { ipSend } from '../output.ts';
import type { Rtable } from '../rtable.ts';
import { Ipv4TxHeader } from '../tx-header.ts';

/** All routers of version 3. RFC 3376 section 4.2.14 */
const ALL_IGMPV3_ROUTERS = 0xe000_0016 | 0;
/** How often a change is reported: the robustness variable. RFC 3376 section 8.1 */
const ROBUSTNESS = 2;
/** What the first report waits for: two jiffies of 4 ms. */
const FIRST: Nanos = 8 * MS;
/** Default of igmpv3_unsolicited_report_interval. */
const INTERVAL = 1000;
/** CS6: network control. IPTOS_PREC_INTERNETCONTROL */
const TOS_CONTROL = 0xc0;

const lookup = new Flow4();
const header = new Ipv4TxHeader();
header.protocol = IPPROTO_IGMP;
header.ttl = 1;
header.tos = TOS_CONTROL;
header.fragOff = IP_DF;
/** Has every router on the way look at it. RFC 2113 */
header.options = new Uint8Array([0x94, 4, 0, 0]);

/** A group whose joining or leaving is still to be reported. */
interface Change {
  readonly group: Ipv4Addr;
  readonly type: number;
  left: number;
}

/** What a device still has to report. */
export class IgmpReports implements TimerOwner {
  readonly #ip: Ipv4;
  readonly #idev: InDevice;
  readonly #timer: Timer;
  #changes: Change[] = [];

  constructor(ip: Ipv4, idev: InDevice) {
    this.#ip = ip;
    this.#idev = idev;
    this.#timer = new Timer(ip.netns.sim, this, 0);
  }

  /** A group was joined or left. `igmp_group_added()`, `igmp_group_dropped()` */
  changed(group: Ipv4Addr, joined: boolean): void {
    const type = joined ? IGMPV3_CHANGE_TO_EXCLUDE : IGMPV3_CHANGE_TO_INCLUDE;
    this.#changes = this.#changes.filter((c) => c.group !== group);
    this.#changes.push({ group, type, left: ROBUSTNESS });
    this.#timer.arm(FIRST);
  }

  /** The device is down: nothing is reported any more. `ip_mc_down()` */
  stop(): void {
    this.#changes = [];
    this.#timer.cancel();
  }

  /** `igmp_ifc_timer_expire()` */
  onTimer(): void {
    this.#send();
    for (const change of this.#changes) change.left--;
    this.#changes = this.#changes.filter((c) => c.left > 0);
    if (this.#changes.length > 0)
      this.#timer.arm(FIRST + this.#ip.netns.kernel.random.below(INTERVAL) * MS);
  }

  /** `igmpv3_send_cr()`, `igmpv3_sendpack()` */
  #send(): void {
    const flow = lookup.to(ALL_IGMPV3_ROUTERS);
    flow.oif = this.#idev.dev.ifindex;
    flow.protocol = IPPROTO_IGMP;
    if (this.#ip.routeOutput(flow) !== undefined) return;
    const len = igmp3ReportLength(this.#changes.length);
    const skb = allocSkb(len);
    writeIgmp3Report(skb.buf, skb.put(len), this.#changes);
    header.saddr = flow.saddr;
    header.daddr = ALL_IGMPV3_ROUTERS;
    ipSend(this.#ip, skb, this.#ip.rt as Rtable, header);
  }
}
