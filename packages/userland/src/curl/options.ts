import type { GetoptTable } from '../libc-net/index.ts';

/** How an option is written. */
interface OptionSpec {
  readonly long: string;
  readonly short?: string;
  readonly arg?: true;
}

/** The options of curl 7.88 that take effect here. */
export const SUPPORTED: readonly OptionSpec[] = [
  { long: 'abstract-unix-socket', arg: true },
  { long: 'basic' },
  { long: 'buffer' },
  { long: 'connect-timeout', arg: true },
  { long: 'cookie', short: 'b', arg: true },
  { long: 'data', short: 'd', arg: true },
  { long: 'data-ascii', arg: true },
  { long: 'data-binary', arg: true },
  { long: 'data-raw', arg: true },
  { long: 'data-urlencode', arg: true },
  { long: 'disable', short: 'q' },
  { long: 'dump-header', short: 'D', arg: true },
  { long: 'fail', short: 'f' },
  { long: 'fail-with-body' },
  { long: 'get', short: 'G' },
  { long: 'globoff', short: 'g' },
  { long: 'head', short: 'I' },
  { long: 'header', short: 'H', arg: true },
  { long: 'help', short: 'h' },
  { long: 'http0.9' },
  { long: 'http1.0', short: '0' },
  { long: 'http1.1' },
  { long: 'include', short: 'i' },
  { long: 'insecure', short: 'k' },
  { long: 'interface', arg: true },
  { long: 'ipv4', short: '4' },
  { long: 'ipv6', short: '6' },
  { long: 'json', arg: true },
  { long: 'keepalive' },
  { long: 'local-port', arg: true },
  { long: 'location', short: 'L' },
  { long: 'location-trusted' },
  { long: 'max-redirs', arg: true },
  { long: 'max-time', short: 'm', arg: true },
  { long: 'noproxy', arg: true },
  { long: 'output', short: 'o', arg: true },
  { long: 'path-as-is' },
  { long: 'progress-meter' },
  { long: 'range', short: 'r', arg: true },
  { long: 'referer', short: 'e', arg: true },
  { long: 'remote-name', short: 'O' },
  { long: 'request', short: 'X', arg: true },
  { long: 'resolve', arg: true },
  { long: 'show-error', short: 'S' },
  { long: 'silent', short: 's' },
  { long: 'tcp-nodelay' },
  { long: 'unix-socket', arg: true },
  { long: 'upload-file', short: 'T', arg: true },
  { long: 'url', arg: true },
  { long: 'user', short: 'u', arg: true },
  { long: 'user-agent', short: 'A', arg: true },
  { long: 'verbose', short: 'v' },
  { long: 'version', short: 'V' },
  { long: 'write-out', short: 'w', arg: true },
];

/** `-N` is `--no-buffer`. */
const SHORT_NEGATIVE: Readonly<Record<string, string>> = { N: 'buffer' };

/** Options that curl 7.88 has and that are refused here: long names, and letters where they have one. */
const REFUSED: readonly string[] = (
  'alt-svc anyauth append a aws-sigv4 cacert capath cert E cert-status cert-type ciphers ' +
  'compressed compressed-ssh config K connect-to continue-at C cookie-jar c create-dirs create-file-mode crlf ' +
  'crlfile curves delegation digest disable-eprt disable-epsv dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers ' +
  'doh-url egd-file engine etag-compare etag-save expect100-timeout false-start form F form-escape form-string ' +
  'fail-early ftp-port P ftp-pasv happy-eyeballs-timeout-ms haproxy-protocol hsts http2 http2-prior-knowledge http3 ' +
  'ignore-content-length keepalive-time key krb libcurl limit-rate list-only l mail-from manual M max-filesize ' +
  'metalink negotiate netrc n netrc-file netrc-optional next : ntlm oauth2-bearer output-dir parallel Z ' +
  'parallel-immediate parallel-max pass pinnedpubkey post301 post302 post303 preproxy progress-bar # proto ' +
  'proto-default proto-redir proxy x proxytunnel p proxy-user U pubkey quote Q random-file rate raw ' +
  'remote-header-name J remote-name-all remote-time R remove-on-error request-target retry retry-all-errors ' +
  'retry-connrefused retry-delay retry-max-time service-name socks4 socks4a socks5 socks5-hostname speed-limit Y ' +
  'speed-time y ssl sslv2 2 sslv3 3 stderr styled-output suppress-connect-headers tcp-fastopen telnet-option t ' +
  'tftp-blksize time-cond z tls-max tlsv1 1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding trace trace-ascii trace-time ' +
  'use-ascii B url-query xattr'
).split(' ');

function lettersOf({ short = '', arg }: OptionSpec): string {
  return arg === true && short !== '' ? `${short}:` : short;
}

/** What curl can be told. */
export const CURL_OPTIONS: GetoptTable = {
  letters: [
    ...SUPPORTED.map(lettersOf),
    ...Object.keys(SHORT_NEGATIVE),
    ...REFUSED.filter((name) => name.length === 1 && name !== ':'),
  ].join(''),
  longs: [...SUPPORTED, ...REFUSED.filter((name) => name.length > 1).map((long) => ({ long }))].map(
    ({ long, ...spec }: OptionSpec) => ({
      name: long,
      key: spec.short ?? long,
      arg: spec.arg === true ? 'required' : 'no',
    }),
  ),
  refused: REFUSED,
};

/** One option as given; `on` is false for `--no-…`. */
export interface GivenOption {
  readonly name: string;
  readonly value: string;
  readonly on: boolean;
}

/** The command line: options in order, and the URLs among them as `url`. */
export type ParsedArgs = { readonly given: readonly GivenOption[] } | { readonly error: string };

function unknown(written: string, name: string): string {
  return REFUSED.includes(name)
    ? `option ${written}: is not supported here; supported are ${SUPPORTED.map((o) => `--${o.long}`).join(' ')}`
    : `option ${written}: is unknown`;
}

/** Finds a long option by its name or an unambiguous beginning of it. */
function findLong(name: string): OptionSpec | 'ambiguous' | undefined {
  const exact = SUPPORTED.find((o) => o.long === name);
  if (exact !== undefined || REFUSED.includes(name)) return exact;
  const starts = SUPPORTED.filter((o) => o.long.startsWith(name));
  const others = REFUSED.filter((o) => o.length > 1 && o.startsWith(name));
  return starts.length + others.length > 1 ? 'ambiguous' : starts[0];
}

/** Parses a command line as curl does: an option's argument may be attached to its letter or follow. tool_getparam.c */
export function parseArgs(args: readonly string[]): ParsedArgs {
  const given: GivenOption[] = [];
  let onlyUrls = false;
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (onlyUrls || !word.startsWith('-') || word === '-') {
      given.push({ name: 'url', value: word, on: true });
      continue;
    }
    if (word === '--') {
      onlyUrls = true;
      continue;
    }
    const taken = word.startsWith('--')
      ? takeLong(word, args[i + 1], given)
      : takeShort(word, args[i + 1], given);
    if (typeof taken === 'string') return { error: taken };
    if (taken) i++;
  }
  return { given };
}

/** @returns whether the next word was used; an error text */
function takeLong(word: string, next: string | undefined, given: GivenOption[]): boolean | string {
  const on = !word.startsWith('--no-');
  const name = word.slice(on ? 2 : 5);
  const spec = findLong(word.slice(2)) ?? (on ? undefined : findLong(name));
  if (spec === 'ambiguous') return `option ${word}: is ambiguous`;
  if (spec === undefined) return unknown(word, name);
  if (spec.arg !== true) {
    given.push({ name: spec.long, value: '', on });
    return false;
  }
  if (next === undefined) return `option ${word}: requires parameter`;
  given.push({ name: spec.long, value: next, on: true });
  return true;
}

function takeShort(word: string, next: string | undefined, given: GivenOption[]): boolean | string {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i] as string;
    const negative = SHORT_NEGATIVE[letter];
    if (negative !== undefined) {
      given.push({ name: negative, value: '', on: false });
      continue;
    }
    const spec = SUPPORTED.find((o) => o.short === letter);
    if (spec === undefined) return unknown(`-${letter}`, letter);
    if (spec.arg !== true) {
      given.push({ name: spec.long, value: '', on: true });
      continue;
    }
    const rest = word.slice(i + 1);
    if (rest !== '') {
      given.push({ name: spec.long, value: rest, on: true });
      return false;
    }
    if (next === undefined) return `option -${letter}: requires parameter`;
    given.push({ name: spec.long, value: next, on: true });
    return true;
  }
  return false;
}
