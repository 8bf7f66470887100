export { Balancer, type Peer } from './balance.ts';
export { ConfError } from './conf-error.ts';
export {
  type Configuration,
  type ConfOptions,
  findServer,
  type Listening,
  readConfiguration,
  type VirtualServer,
} from './configuration.ts';
export { inPlace } from './lexer.ts';
export type { ListenAddr } from './listen.ts';
export { findLocation, type Location, lacksSlash } from './location.ts';
export { type Directive, openFailed, parseSize, parseTime } from './parse.ts';
export type { Scope } from './scope.ts';
export type { ProxyTarget } from './upstream.ts';
