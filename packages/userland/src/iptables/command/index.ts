export { newUserChain, setPolicy } from './chains.ts';
export { listedAddresses } from './list.ts';
export { type HostNames, type Run, runCommand } from './run-command.ts';
