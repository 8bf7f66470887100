export { endOfAliases } from './display.ts';
export { nslookup } from './nslookup.ts';
