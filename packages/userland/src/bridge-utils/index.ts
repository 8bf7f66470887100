export { bridgeUtils } from './package.ts';
