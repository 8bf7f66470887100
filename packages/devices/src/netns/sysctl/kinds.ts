import { KernelError } from '@labwire/core/error';
import { checkRange, parseInts } from './parse.ts';
import type { SysctlFile } from './sysctl-file.ts';

const INT_MIN = -0x8000_0000;
const INT_MAX = 0x7fff_ffff;
/** Clock ticks in a second: CONFIG_HZ of the kernel whose output Labwire follows. */
const HZ = 250;
/** The ticks that users are told of. USER_HZ */
const USER_HZ = 100;

/** What a value may be, both ends included; default: any `int`. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

type Get<T, V> = (of: T) => V;
type Put<T, V> = (of: T, value: V) => void;

/** How a stored number looks to users, and back. */
interface Unit {
  show(stored: number): number;
  store(shown: number): number;
}
const PLAIN: Unit = { show: (v) => v, store: (v) => v };
const MS_JIFFIES: Unit = { show: (v) => v, store: (v) => (Math.ceil((v * HZ) / 1000) * 1000) / HZ };
const USER_JIFFIES: Unit = {
  show: (ms) => Math.floor((ms * USER_HZ) / 1000),
  store: (v) => (Math.floor((v * HZ) / USER_HZ) * 1000) / HZ,
};

function numberFile<T>(
  name: string,
  get: Get<T, number>,
  put: Put<T, number>,
  range: Range,
  unit: Unit,
): SysctlFile<T> {
  const { min = INT_MIN, max = INT_MAX } = range;
  return {
    name,
    mode: 0o644,
    read: (of) => String(unit.show(get(of))),
    write: (of, text) => parseInts(text, 1, (v) => put(of, unit.store(checkRange(v, min, max)))),
  };
}

/** A whole number. `proc_dointvec()`, `proc_dointvec_minmax()`, `proc_dou8vec_minmax()` */
export function intFile<T>(
  name: string,
  get: Get<T, number>,
  put: Put<T, number>,
  range: Range = {},
): SysctlFile<T> {
  return numberFile(name, get, put, range, PLAIN);
}

/** A time, stored and shown in seconds. `proc_dointvec_jiffies()` */
export function secondsFile<T>(
  name: string,
  get: Get<T, number>,
  put: Put<T, number>,
): SysctlFile<T> {
  const max = Math.floor(INT_MAX / HZ);
  return numberFile(name, get, put, { min: -max, max }, PLAIN);
}

/** A time, stored and shown in milliseconds, rounded up to the kernel's ticks of 4 ms. `proc_dointvec_ms_jiffies()` */
export function msFile<T>(
  name: string,
  get: Get<T, number>,
  put: Put<T, number>,
  range: Range = {},
): SysctlFile<T> {
  return numberFile(name, get, put, range, MS_JIFFIES);
}

/** A time, stored in milliseconds and shown in hundredths of a second. `proc_dointvec_userhz_jiffies()` */
export function userHzFile<T>(
  name: string,
  get: Get<T, number>,
  put: Put<T, number>,
): SysctlFile<T> {
  return numberFile(name, get, put, {}, USER_JIFFIES);
}

/** Several whole numbers with tabs between; writing fewer leaves the rest. */
export function intsFile<T>(
  name: string,
  get: Get<T, readonly number[]>,
  put: Put<T, readonly number[]>,
  range: Range = {},
): SysctlFile<T> {
  const { min = INT_MIN, max = INT_MAX } = range;
  return {
    name,
    mode: 0o644,
    read: (of) => get(of).join('\t'),
    write: (of, text) => {
      const values = [...get(of)];
      try {
        parseInts(text, values.length, (v, i) => {
          values[i] = checkRange(v, min, max);
        });
      } finally {
        put(of, values);
      }
    },
  };
}

/** A line of text. `proc_dostring()` */
export function textFile<T>(name: string, get: Get<T, string>, put: Put<T, string>): SysctlFile<T> {
  return {
    name,
    mode: 0o644,
    read: get,
    write: (of, text) => put(of, text.split('\n', 1)[0] as string),
  };
}

/** A file that cannot be written. */
export function readOnlyFile<T>(name: string, read: Get<T, string>): SysctlFile<T> {
  return {
    name,
    mode: 0o444,
    read,
    write: () => {
      throw new KernelError('EACCES');
    },
  };
}
