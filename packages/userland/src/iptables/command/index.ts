export { newUserChain, setPolicy } from './chains.ts';
export { type Run, runCommand } from './run-command.ts';
