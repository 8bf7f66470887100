import { KernelError, strerror } from '@labwire/core/error';
import { Failure } from '../parse/index.ts';

/** How a refused request is told. Source: iproute2 lib/libnetlink.c, rtnl_talk_error() and print_ext_ack_msg(). */
export function netlinkError(e: KernelError): string {
  if (e.extack === undefined || e.extack === '') return `RTNETLINK answers: ${strerror(e.errno)}\n`;
  return `Error: ${e.extack}${e.extack.endsWith('.') ? '' : '.'}\n`;
}

/** Asks the kernel; a refusal is told and ends the command with status 2. rtnl_talk() */
export function talk<T>(request: () => T): T {
  try {
    return request();
  } catch (e) {
    if (e instanceof KernelError) throw new Failure(2, netlinkError(e));
    throw e;
  }
}
