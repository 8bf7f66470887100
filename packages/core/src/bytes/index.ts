export { get8, get16, get32, get48, getU32, put8, put16, put32, put48 } from './bytes.ts';
export { utf8Decode, utf8Encode } from './utf8.ts';
