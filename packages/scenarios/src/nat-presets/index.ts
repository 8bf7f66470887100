export {
  CONE_TIMEOUT,
  NAT_KINDS,
  type NatKind,
  type NatPlan,
  type NatPlanMistake,
  type NatRules,
  natFiles,
  natPlanMistake,
  natRules,
} from './preset.ts';
