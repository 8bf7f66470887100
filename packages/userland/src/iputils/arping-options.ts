import type { OptionFound } from '../libc-net/index.ts';
import { numberOption } from './program-error.ts';

/** What `arping -h` prints on standard error. */
export const ARPING_USAGE = `
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source ip address
  <destination> dns name or ip address

For more details see arping(8).
`;

/** What the command line of arping asks for. */
export interface ArpingOptions {
  quitOnReply: boolean;
  quiet: boolean;
  broadcastOnly: boolean;
  dad: boolean;
  unsolicited: boolean;
  advert: boolean;
  /** 0: until interrupted. */
  count: number;
  /** Seconds; 0: none. */
  timeout: number;
  /** Seconds. */
  interval: number;
  device: string | undefined;
  source: string | undefined;
}

const INT_MAX = 2_147_483_647;

/** Puts the options together. @throws ProgramError */
export function readArpingOptions(found: readonly OptionFound[]): ArpingOptions {
  const has = (opt: string) => found.some((o) => o.opt === opt);
  const value = (opt: string) => found.filter((o) => o.opt === opt).at(-1)?.arg;
  const number = (opt: string, min: number, fallback: number) => {
    const text = value(opt);
    return text === undefined ? fallback : numberOption(text, min, INT_MAX);
  };
  return {
    quitOnReply: has('f') || has('D'),
    quiet: has('q'),
    broadcastOnly: has('b'),
    dad: has('D'),
    unsolicited: has('U') || has('A'),
    advert: has('A'),
    count: number('c', 1, 0),
    timeout: number('w', 0, 0),
    interval: number('i', 0, 1),
    device: value('I'),
    source: value('s'),
  };
}
