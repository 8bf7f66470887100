import { ConformanceHost, type Ran } from '../host.ts';

/** The machine that all rows of this process run on. */
export const host: ConformanceHost = new ConformanceHost();

/** Whether Labwire said that it does not have what was asked for. */
export function isRefusal(ran: Ran): boolean {
  return ran.code !== 0 && /Labwire/.test(ran.err);
}
