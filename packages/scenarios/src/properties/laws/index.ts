import type { Law } from '../law.ts';
import { RFC4787 } from './rfc4787.ts';
import { RFC5382 } from './rfc5382.ts';
import { RFC5508 } from './rfc5508.ts';
import { RFC7857 } from './rfc7857.ts';

export { RFC4787, RFC5382, RFC5508, RFC7857 };

/** The law book: every requirement, in the order of the RFCs. */
export const LAWS: readonly Law[] = [...RFC4787, ...RFC5382, ...RFC5508, ...RFC7857];
