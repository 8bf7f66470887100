export { DNS_TYPES, typeName, typeNumber } from './types.ts';
