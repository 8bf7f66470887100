export { type HookFn, HookList } from './hook-list.ts';
export * from './ipset/index.ts';
export { Netfilter } from './netfilter.ts';
export * from './nft/index.ts';
export { originalDst } from './original-dst.ts';
export * from './xt/index.ts';
