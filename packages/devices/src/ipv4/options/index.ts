export { IpOptions } from './ip-options.ts';
export { failsSourceRoute, forwardOptions, receiveOptions } from './receive.ts';
export { echoOptions, optionsToSend, putOptions, returnedOptions } from './send.ts';
export { specDst } from './source.ts';
