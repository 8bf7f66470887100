export { filterOptions, type Tags } from './match/index.ts';
export { hexText, prettyTime } from './option-names/index.ts';
export { DhcpService, LeaseKeeper, ScriptRunner } from './service/index.ts';
