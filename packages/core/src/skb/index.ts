export type { DropReason } from './drop-reason.ts';
export {
  allocSkb,
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  cloneSkb,
  copySkbHeader,
  freeSkb,
  HEADROOM,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_LOOPBACK,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PACKET_OUTGOING,
  SkBuff,
  withHeadroom,
} from './skb.ts';
