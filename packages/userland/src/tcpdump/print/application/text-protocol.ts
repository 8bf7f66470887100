import type { Dissector } from '../base/index.ts';

const MAX_TOKEN = 128;
const HTTP: ReadonlySet<string> = new Set(
  'GET PUT COPY HEAD LOCK MOVE POLL POST BCOPY BMOVE MKCOL TRACE LABEL MERGE DELETE SEARCH UNLOCK REPORT UPDATE NOTIFY BDELETE CONNECT OPTIONS CHECKIN PROPFIND CHECKOUT CCM_POST SUBSCRIBE PROPPATCH BPROPFIND BPROPPATCH UNCHECKOUT MKACTIVITY MKWORKSPACE UNSUBSCRIBE RPC_CONNECT VERSION-CONTROL BASELINE-CONTROL'.split(
    ' ',
  ),
);
const RTSP: ReadonlySet<string> = new Set(
  'DESCRIBE ANNOUNCE GET_PARAMETER OPTIONS PAUSE PLAY RECORD REDIRECT SETUP SET_PARAMETER TEARDOWN'.split(
    ' ',
  ),
);
const SIP: ReadonlySet<string> = new Set(
  'ACK BYE CANCEL DO INFO INVITE MESSAGE NOTIFY OPTIONS PRACK QAUTH REFER REGISTER SPRACK SUBSCRIBE UPDATE PUBLISH'.split(
    ' ',
  ),
);
/** Protocols of text lines, with the words that begin a request; undefined where every line is one. */
const REQUESTS: Readonly<Record<string, ReadonlySet<string> | undefined>> = {
  http: HTTP,
  rtsp: RTSP,
  sip: SIP,
  smtp: undefined,
  ftp: undefined,
  whois: undefined,
};

/** Prints a protocol of text lines: the first, or with -v all that are printable. util-print.c, txtproto_print() */
export function textProtocol(d: Dissector, name: string, off: number, length: number): void {
  d.protocol = name;
  const known = isMessage(d, REQUESTS[name], off, length);
  d.print(name.toUpperCase());
  if (!known) return;
  if (d.o.verbose === 0) {
    line(d, ': ', off, off + length);
    return;
  }
  d.print(`, length: ${length}`);
  let at: number | undefined = off;
  while (at !== undefined && at < off + length) at = line(d, '\n\t', at, off + length);
}

/** Whether a message begins here, rather than the middle of one. */
function isMessage(
  d: Dissector,
  requests: ReadonlySet<string> | undefined,
  off: number,
  length: number,
): boolean {
  if (requests === undefined) return true;
  const first = token(d, off, off + length);
  if (first === undefined) return false;
  if (requests.has(first.text.toUpperCase())) return true;
  const second = token(d, first.next, off + length);
  return second !== undefined && /^\d{3}$/.test(second.text);
}

/** A word and where the next one is. fetch_token() */
function token(
  d: Dissector,
  start: number,
  end: number,
): { readonly text: string; readonly next: number } | undefined {
  let text = '';
  let at = start;
  for (; at < end; at++) {
    if (!d.has(at, 1)) return undefined;
    const c = d.u8(at);
    if (c === 32 || c === 9 || c === 13 || c === 10) break;
    if (c < 32 || c > 126 || text.length + 2 > MAX_TOKEN + 1) return undefined;
    text += String.fromCharCode(c);
  }
  if (text === '') return undefined;
  while (at < end && d.has(at, 1) && d.u8(at) === 32) at++;
  return { text, next: at };
}

/** Prints one line. print_txt_line() @returns where the next one begins; undefined if none does */
function line(d: Dissector, lead: string, start: number, end: number): number | undefined {
  for (let at = start; at < end; at++) {
    const c = d.u8(at);
    if (c === 10 || (c === 13 && at + 1 < end && d.u8(at + 1) === 10)) {
      d.print(lead + latin1(d, start, at));
      return at + (c === 13 ? 2 : 1);
    }
    if ((c < 32 && c !== 9) || c > 126) return undefined;
  }
  d.print(lead + latin1(d, start, end));
  d.trunc();
  return undefined;
}

function latin1(d: Dissector, from: number, to: number): string {
  return String.fromCharCode(...d.buf.subarray(from, to));
}
