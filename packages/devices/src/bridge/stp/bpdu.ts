import type { MacAddr } from '@labwire/core/addr';
import { get16, get48, getU32, put8, put16, put32, put48 } from '@labwire/core/bytes';
import { type Nanos, SEC } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { NF_INET_LOCAL_OUT } from '../../ipv4/nf-hooks.ts';
import { ETH_HLEN } from '../../link/index.ts';
import type { BridgePort } from '../port.ts';
import type { BridgeId } from './bridge-id.ts';

// IEEE 802.1D-1998 section 9.3, behind the LLC header 42 42 03 of IEEE 802.2:
//
//  0  2  protocol identifier, 0      1  version, 0      1  type: 0 configuration, 0x80 topology change notice
//  4  1  flags                       8  root id         4  root path cost    8  bridge id
// 25  2  port id                     2  message age     2  max age           2  hello time    2  forward delay

const LLC_HLEN = 3;
const LLC_SAP_BSPAN = 0x42;
const CONFIG_LENGTH = 35;
const TCN_LENGTH = 4;
const TYPE_CONFIG = 0;
const TYPE_TCN = 0x80;
const FLAG_TOPOLOGY_CHANGE = 0x01;
const FLAG_TOPOLOGY_CHANGE_ACK = 0x80;
/** Times are in units of 1/256 s, of which only whole ones are sent. Section 9.2.8 */
const UNITS_PER_SECOND = 256;

/** A configuration BPDU. IEEE 802.1D-1998 section 9.3.1. */
export interface ConfigBpdu {
  readonly topologyChange: boolean;
  readonly topologyChangeAck: boolean;
  readonly root: BridgeId;
  readonly rootPathCost: number;
  readonly bridge: BridgeId;
  readonly portId: number;
  readonly messageAge: Nanos;
  readonly maxAge: Nanos;
  readonly helloTime: Nanos;
  readonly forwardDelay: Nanos;
}

/** A frame of `length` bytes of BPDU, ready but for its body. @returns the skb and the body's offset */
function newFrame(p: BridgePort, length: number): readonly [SkBuff, number] {
  const skb = allocSkb(ETH_HLEN + LLC_HLEN + length);
  const at = skb.put(ETH_HLEN + LLC_HLEN + length);
  const { buf } = skb;
  buf.fill(0, at, skb.tail);
  put48(buf, at, p.bridge.groupAddr);
  put48(buf, at + 6, p.dev.addr);
  put16(buf, at + 12, LLC_HLEN + length);
  put16(buf, at + 14, (LLC_SAP_BSPAN << 8) | LLC_SAP_BSPAN);
  put8(buf, at + 16, 0x03);
  return [skb, at + 17];
}

function putId(buf: Uint8Array, off: number, id: BridgeId): void {
  put16(buf, off, id.prio);
  put48(buf, off + 2, id.addr);
}

function getId(buf: Uint8Array, off: number): BridgeId {
  return { prio: get16(buf, off), addr: get48(buf, off + 2) as MacAddr };
}

function putTime(buf: Uint8Array, off: number, time: Nanos): void {
  put16(buf, off, Math.floor((time * UNITS_PER_SECOND) / SEC));
}

function getTime(buf: Uint8Array, off: number): Nanos {
  return Math.ceil((get16(buf, off) * SEC) / UNITS_PER_SECOND);
}

/** Past the hook and out. `br_send_bpdu()` */
function send({ bridge, dev }: BridgePort, skb: SkBuff): void {
  skb.mac = skb.data;
  skb.dev = dev;
  skb.pull(ETH_HLEN);
  if (bridge.netns?.bridgeHooks?.run(NF_INET_LOCAL_OUT, skb, null, dev) === false) return;
  skb.push(ETH_HLEN);
  dev.xmit(skb);
}

/** Sends what the bridge thinks of the tree out of a port. `br_send_config_bpdu()` */
export function sendConfigBpdu(p: BridgePort, messageAge: Nanos): void {
  const { stp } = p.bridge;
  const [skb, at] = newFrame(p, CONFIG_LENGTH);
  const { buf } = skb;
  put8(buf, at + 3, TYPE_CONFIG);
  put8(
    buf,
    at + 4,
    (stp.topologyChange ? FLAG_TOPOLOGY_CHANGE : 0) |
      (p.topologyChangeAck ? FLAG_TOPOLOGY_CHANGE_ACK : 0),
  );
  putId(buf, at + 5, stp.designatedRoot);
  put32(buf, at + 13, stp.rootPathCost);
  putId(buf, at + 17, stp.bridgeId);
  put16(buf, at + 25, p.id);
  putTime(buf, at + 27, messageAge);
  putTime(buf, at + 29, stp.maxAge);
  putTime(buf, at + 31, stp.helloTime);
  putTime(buf, at + 33, stp.forwardDelay);
  send(p, skb);
}

/** Sends a topology change notice out of a port. `br_send_tcn_bpdu()` */
export function sendTcnBpdu(p: BridgePort): void {
  if (!p.bridge.stp.enabled) return;
  const [skb, at] = newFrame(p, TCN_LENGTH);
  put8(skb.buf, at + 3, TYPE_TCN);
  send(p, skb);
}

function readConfig(buf: Uint8Array, at: number): ConfigBpdu {
  const flags = buf[at + 4] as number;
  return {
    topologyChange: (flags & FLAG_TOPOLOGY_CHANGE) !== 0,
    topologyChangeAck: (flags & FLAG_TOPOLOGY_CHANGE_ACK) !== 0,
    root: getId(buf, at + 5),
    rootPathCost: getU32(buf, at + 13),
    bridge: getId(buf, at + 17),
    portId: get16(buf, at + 25),
    messageAge: getTime(buf, at + 27),
    maxAge: getTime(buf, at + 29),
    helloTime: getTime(buf, at + 31),
    forwardDelay: getTime(buf, at + 33),
  };
}

/**
 * Takes in a frame to the bridge group address at a port; what is no BPDU is passed over. Does not take ownership.
 * `br_stp_rcv()`
 */
export function receiveBpdu(p: BridgePort, skb: SkBuff): void {
  const { buf } = skb;
  const at = skb.data + LLC_HLEN;
  const llc = get16(buf, skb.data);
  if (skb.len < LLC_HLEN + TCN_LENGTH || llc !== ((LLC_SAP_BSPAN << 8) | LLC_SAP_BSPAN)) return;
  if (get16(buf, at) !== 0 || buf[at + 2] !== 0) return;
  const { stp } = p.bridge;
  if (p.guard) {
    p.bridge.log(`BPDU received on blocked ${p}`);
    stp.disablePort(p);
  } else if (buf[at + 3] === TYPE_TCN) stp.receivedTcn(p);
  else if (buf[at + 3] === TYPE_CONFIG && skb.len >= LLC_HLEN + CONFIG_LENGTH)
    receiveConfig(p, readConfig(buf, at));
}

function receiveConfig(p: BridgePort, bpdu: ConfigBpdu): void {
  if (bpdu.messageAge <= bpdu.maxAge) p.bridge.stp.receivedConfig(p, bpdu);
}
