/**
 * What stands before each frame of a device with IFF_VNET_HDR: what is left to do to the frame. Numbers are in this
 * computer's byte order.
 *
 *     0       1          2         4          6            8             10
 *     flags | gso_type | hdr_len | gso_size | csum_start | csum_offset | frame …
 *
 * Source: Linux include/uapi/linux/virtio_net.h, struct virtio_net_hdr; Virtio 1.2 section 5.1.6.
 */
import { get8, get16, put8, put16 } from '@labwire/core/bytes';
import {
  completeChecksum,
  findTcp,
  IPPROTO_TCP,
  Ipv4Off,
  Ipv6Off,
  sum16,
  TcpOff,
  TcpPlace,
} from '@labwire/core/wire';

/** Bytes of the header. */
export const VIRTIO_NET_HDR_LEN = 10;

/** The transport check holds only the pseudo-header's sum. VIRTIO_NET_HDR_F_NEEDS_CSUM */
const NEEDS_CSUM = 1;
/** Somebody has found the check to be right. VIRTIO_NET_HDR_F_DATA_VALID */
const DATA_VALID = 2;
const GSO_NONE = 0;
const GSO_TCPV4 = 1;
const GSO_TCPV6 = 4;
/** Beside the type: the segment tells of congestion. VIRTIO_NET_HDR_GSO_ECN */
const GSO_ECN = 0x80;

const Off = { flags: 0, type: 1, hdrLen: 2, gsoSize: 4, csumStart: 6, csumOffset: 8 } as const;

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const tcp = new TcpPlace();

function swapped(value: number): number {
  return LITTLE_ENDIAN ? ((value & 0xff) << 8) | (value >>> 8) : value;
}

/** What a frame is beside its bytes. */
export class FrameOffload {
  /** Bytes of text of each segment of a super-segment; 0 for an ordinary frame. */
  gsoSize = 0;
  /** Its transport check is known to be right. */
  checked = false;
}

/**
 * Reads the header at the beginning of `buf`, and fills in the check of the frame behind it if that is left to do.
 * @param end where the frame ends
 * @returns whether there is a frame: an ordinary one, or a super-segment of TCP
 */
export function readVirtioNetHeader(buf: Uint8Array, end: number, offload: FrameOffload): boolean {
  if (end < VIRTIO_NET_HDR_LEN) return false;
  const flags = get8(buf, Off.flags);
  const type = get8(buf, Off.type) & ~GSO_ECN;
  offload.gsoSize = type === GSO_NONE ? 0 : swapped(get16(buf, Off.gsoSize));
  offload.checked = (flags & (NEEDS_CSUM | DATA_VALID)) !== 0;
  if (type !== GSO_NONE) {
    if ((type !== GSO_TCPV4 && type !== GSO_TCPV6) || offload.gsoSize === 0) return false;
    if (!findTcp(buf, VIRTIO_NET_HDR_LEN, end, tcp)) return false;
  }
  return (flags & NEEDS_CSUM) === 0 || fillInCheck(buf, end);
}

function fillInCheck(buf: Uint8Array, end: number): boolean {
  const start = VIRTIO_NET_HDR_LEN + swapped(get16(buf, Off.csumStart));
  const at = start + swapped(get16(buf, Off.csumOffset));
  if (at + 2 > end) return false;
  completeChecksum(buf, start, at, end);
  return true;
}

/**
 * Writes the header of the frame that is behind it in `buf`. The check of a super-segment becomes the reader's to fill in.
 * @param end where the frame ends
 * @param gsoSize bytes of text of each segment; 0 for an ordinary frame
 * @returns false for a super-segment that is no TCP
 */
export function writeVirtioNetHeader(buf: Uint8Array, end: number, gsoSize: number): boolean {
  buf.fill(0, 0, VIRTIO_NET_HDR_LEN);
  if (gsoSize === 0) return true;
  if (!findTcp(buf, VIRTIO_NET_HDR_LEN, end, tcp)) return false;
  const { th, text, v6 } = tcp;
  put8(buf, Off.flags, NEEDS_CSUM);
  put8(buf, Off.type, v6 ? GSO_TCPV6 : GSO_TCPV4);
  put16(buf, Off.hdrLen, swapped(text - VIRTIO_NET_HDR_LEN));
  put16(buf, Off.gsoSize, swapped(gsoSize));
  put16(buf, Off.csumStart, swapped(th - VIRTIO_NET_HDR_LEN));
  put16(buf, Off.csumOffset, swapped(TcpOff.check));
  put16(buf, th + TcpOff.check, pseudoSum(buf, end - th));
  return true;
}

/** The sum of the pseudo-header of the segment found last. */
function pseudoSum(buf: Uint8Array, length: number): number {
  const { nh, v6 } = tcp;
  const rest = IPPROTO_TCP + (length >>> 16) + (length & 0xffff);
  return v6 ? sum16(buf, nh + Ipv6Off.saddr, 32, rest) : sum16(buf, nh + Ipv4Off.saddr, 8, rest);
}
