export { FAMILY_HOOKS } from './base-chain.ts';
export { getElement } from './elements.ts';
export { type NftAttr, NftFault } from './fault.ts';
export { NfTables, type RulePlace } from './nf-tables.ts';
export { textOf } from './references.ts';
