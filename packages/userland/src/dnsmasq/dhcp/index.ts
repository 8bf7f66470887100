export { DhcpService, LeaseKeeper, ScriptRunner } from './service/index.ts';
