export { HookList } from './hook-list.ts';
export { Netfilter } from './netfilter.ts';
export * from './xt/index.ts';
