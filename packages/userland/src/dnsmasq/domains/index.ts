export { addressValue, inRange, sameNet } from './address-range.ts';
export { domainOf, synthesizedAddress, synthesizedName } from './conditional-domain.ts';
export { addressOfReverseName } from './reverse-name.ts';
