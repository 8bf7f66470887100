export { ipRule } from './rule.ts';
