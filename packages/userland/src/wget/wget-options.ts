import { type Nanos, SEC } from '@labwire/core/sim';
import type { Family } from '@labwire/devices/rtnetlink';
import { type GetoptTable, type LongOption, type OptionFound, strtod } from '../libc-net/index.ts';

/** What the command line of wget asks for. */
export interface WgetOptions {
  quiet: boolean;
  verbose: boolean;
  output: string | undefined;
  prefix: string | undefined;
  serverResponse: boolean;
  spider: boolean;
  tries: number;
  timeout: Nanos | undefined;
  family: Family | undefined;
  headers: string[];
  userAgent: string;
  postData: string | undefined;
  noClobber: boolean;
  showProgress: boolean;
}

const LONGS: readonly LongOption[] = [
  { name: 'quiet', arg: 'no', key: 'q' },
  { name: 'verbose', arg: 'no', key: 'v' },
  { name: 'no-verbose', arg: 'no', key: 'nv' },
  { name: 'output-document', arg: 'required', key: 'O' },
  { name: 'directory-prefix', arg: 'required', key: 'P' },
  { name: 'server-response', arg: 'no', key: 'S' },
  { name: 'spider', arg: 'no', key: 'spider' },
  { name: 'tries', arg: 'required', key: 't' },
  { name: 'timeout', arg: 'required', key: 'T' },
  { name: 'connect-timeout', arg: 'required', key: 'T' },
  { name: 'read-timeout', arg: 'required', key: 'T' },
  { name: 'inet4-only', arg: 'no', key: '4' },
  { name: 'inet6-only', arg: 'no', key: '6' },
  { name: 'header', arg: 'required', key: 'header' },
  { name: 'user-agent', arg: 'required', key: 'U' },
  { name: 'post-data', arg: 'required', key: 'post-data' },
  { name: 'no-clobber', arg: 'no', key: 'nc' },
  { name: 'no-check-certificate', arg: 'no', key: 'ignored' },
  { name: 'no-proxy', arg: 'no', key: 'ignored' },
  { name: 'no-cache', arg: 'no', key: 'ignored' },
  { name: 'no-hsts', arg: 'no', key: 'ignored' },
  { name: 'show-progress', arg: 'no', key: 'show-progress' },
  { name: 'version', arg: 'no', key: 'V' },
  { name: 'help', arg: 'no', key: 'h' },
];

/** wget's letters and long names, as far as they take effect. */
export const WGET_OPTIONS: GetoptTable = { letters: 'qvO:P:St:T:46U:hVd', longs: LONGS };

/** wget joins the letters of `-nv` and `-nc`: they are long options to the parser. */
export function spellOut(args: readonly string[]): string[] {
  const known: Readonly<Record<string, string>> = { '-nv': '--no-verbose', '-nc': '--no-clobber' };
  return args.map((a) => known[a] ?? a);
}

function seconds(text: string): Nanos | undefined {
  const { value } = strtod(text);
  return value > 0 ? Math.round(value * SEC) : undefined;
}

/** Puts the options together. */
export function readWgetOptions(found: readonly OptionFound[]): WgetOptions {
  const o: WgetOptions = {
    quiet: false,
    verbose: true,
    output: undefined,
    prefix: undefined,
    serverResponse: false,
    spider: false,
    tries: 20,
    timeout: undefined,
    family: undefined,
    headers: [],
    userAgent: 'Wget/1.21.3',
    postData: undefined,
    noClobber: false,
    showProgress: false,
  };
  for (const { opt, arg = '' } of found) {
    if (opt === 'q') o.quiet = true;
    else if (opt === 'nv') o.verbose = false;
    else if (opt === 'O') o.output = arg;
    else if (opt === 'P') o.prefix = arg;
    else if (opt === 'S') o.serverResponse = true;
    else if (opt === 'spider') o.spider = true;
    else if (opt === 't') o.tries = arg === 'inf' || arg === '0' ? Infinity : Number(arg);
    else if (opt === 'T') o.timeout = seconds(arg);
    else if (opt === '4') o.family = 'inet';
    else if (opt === '6') o.family = 'inet6';
    else if (opt === 'header') o.headers.push(arg);
    else if (opt === 'U') o.userAgent = arg;
    else if (opt === 'post-data') o.postData = arg;
    else if (opt === 'nc') o.noClobber = true;
    else if (opt === 'show-progress') o.showProgress = true;
  }
  return o;
}
