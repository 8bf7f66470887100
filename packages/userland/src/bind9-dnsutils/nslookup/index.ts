export { endOfAliases } from './display.ts';
export { nslookup } from './nslookup.ts';
export { nslookupManual } from './options.ts';
