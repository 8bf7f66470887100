import { SEC } from '@labwire/core/sim';
import type { StunAddress } from '@labwire/core/wire';
import { formatInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

/** An address as coturn prints it: addr_to_string() of ns_turn_ioaddr.c */
export function addrText({ addr, port }: StunAddress): string {
  const text = formatInet(addr);
  if (port === 0) return text;
  return typeof addr === 'number' ? `${text}:${port}` : `[${text}]:${port}`;
}

/** What coturn's programs log: lines with the seconds since their start. The first one appears twice, as it opens the log. */
export class CoturnLog {
  readonly #proc: Process;
  #first = true;

  constructor(proc: Process) {
    this.#proc = proc;
  }

  async line(text: string): Promise<void> {
    const seconds = Math.floor((this.#proc.now - this.#proc.startTime) / SEC);
    const line = `${seconds}: : ${text}\n`;
    await this.#proc.out(this.#first ? line + line : line);
    this.#first = false;
  }

  /** addr_debug_print() */
  addr(name: string, at: StunAddress): Promise<void> {
    return this.line(`IPv${typeof at.addr === 'number' ? 4 : 6}. ${name}: ${addrText(at)}`);
  }
}
