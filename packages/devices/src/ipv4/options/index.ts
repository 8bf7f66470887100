export { IpOptions } from './ip-options.ts';
export { failsSourceRoute, forwardOptions, receiveOptions } from './receive.ts';
export { buildOptions, echoOptions, optionsToSend, returnedOptions } from './send.ts';
export { specDst } from './source.ts';
