export { EbtTable } from './ebt-table.ts';
export {
  type Bits,
  EBT_BASE_CHAINS,
  type EbtArp,
  type EbtChain,
  type EbtHook,
  type EbtIp,
  type EbtPolicy,
  type EbtRule,
  type EbtTarget,
  type Is,
  type Span,
} from './rule.ts';
