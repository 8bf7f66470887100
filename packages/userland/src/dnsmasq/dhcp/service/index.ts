export { DhcpService } from './dhcp-service.ts';
export { LeaseKeeper } from './lease-keeper.ts';
export { ScriptRunner } from './script-runner.ts';
