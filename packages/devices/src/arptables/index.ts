export { ArpTable } from './arp-table.ts';
export {
  ARP_BASE_CHAINS,
  type ArpChain,
  type ArpClassify,
  type ArpMangle,
  type ArpMark,
  type ArpRule,
  type ArpTarget,
} from './rule.ts';
