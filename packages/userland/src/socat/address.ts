/** One of the two addresses of a socat command: `KEYWORD:PARAMETER:…,OPTION,OPTION=VALUE`. */
export interface SocatAddress {
  readonly kind: AddressKind;
  readonly params: readonly string[];
  readonly options: ReadonlyMap<string, string>;
  /** Names are not paths: ABSTRACT-CONNECT and the like. */
  readonly abstract: boolean;
  /** The family that the keyword names. */
  readonly family: 'inet' | 'inet6' | undefined;
}

/** What socat can open here. */
export type AddressKind =
  | 'stdio'
  | 'stdin'
  | 'stdout'
  | 'tcp-connect'
  | 'tcp-listen'
  | 'udp-connect'
  | 'udp-listen'
  | 'udp-recv'
  | 'udp-recvfrom'
  | 'udp-sendto'
  | 'ip-sendto'
  | 'unix-connect'
  | 'unix-client'
  | 'unix-listen'
  | 'unix-recv'
  | 'unix-sendto'
  | 'interface'
  | 'exec'
  | 'system'
  | 'open'
  | 'create'
  | 'pipe';

/** socat says this with the level E and exits with 1. */
export class SocatError extends Error {}

const KEYWORDS: Readonly<Record<string, readonly [AddressKind, params: number]>> = {
  '-': ['stdio', 0],
  STDIO: ['stdio', 0],
  STDIN: ['stdin', 0],
  STDOUT: ['stdout', 0],
  TCP: ['tcp-connect', 2],
  'TCP-CONNECT': ['tcp-connect', 2],
  'TCP-LISTEN': ['tcp-listen', 1],
  'TCP-L': ['tcp-listen', 1],
  UDP: ['udp-connect', 2],
  'UDP-CONNECT': ['udp-connect', 2],
  'UDP-LISTEN': ['udp-listen', 1],
  'UDP-L': ['udp-listen', 1],
  'UDP-RECV': ['udp-recv', 1],
  'UDP-RECVFROM': ['udp-recvfrom', 1],
  'UDP-SENDTO': ['udp-sendto', 2],
  'UDP-DATAGRAM': ['udp-sendto', 2],
  'IP-SENDTO': ['ip-sendto', 2],
  'IP-DATAGRAM': ['ip-sendto', 2],
  UNIX: ['unix-connect', 1],
  'UNIX-CONNECT': ['unix-connect', 1],
  'UNIX-CLIENT': ['unix-client', 1],
  'UNIX-LISTEN': ['unix-listen', 1],
  'UNIX-L': ['unix-listen', 1],
  'UNIX-RECV': ['unix-recv', 1],
  'UNIX-RECVFROM': ['unix-recv', 1],
  'UNIX-SENDTO': ['unix-sendto', 1],
  INTERFACE: ['interface', 1],
  IF: ['interface', 1],
  EXEC: ['exec', 1],
  SYSTEM: ['system', 1],
  OPEN: ['open', 1],
  FILE: ['open', 1],
  GOPEN: ['open', 1],
  CREATE: ['create', 1],
  CREAT: ['create', 1],
  PIPE: ['pipe', 0],
  ECHO: ['pipe', 0],
};

/** Options that take effect, by every name that socat has for them. */
const OPTIONS: Readonly<Record<string, string>> = {
  append: 'append',
  'o-append': 'append',
  b: 'bind',
  bind: 'bind',
  backlog: 'backlog',
  broadcast: 'broadcast',
  'connect-timeout': 'connect-timeout',
  cr: 'crnl',
  crlf: 'crnl',
  crnl: 'crnl',
  creat: 'creat',
  create: 'creat',
  'o-creat': 'creat',
  fork: 'fork',
  if: 'bindtodevice',
  interface: 'bindtodevice',
  bindtodevice: 'bindtodevice',
  'so-bindtodevice': 'bindtodevice',
  ignoreeof: 'ignoreeof',
  interval: 'interval',
  'ip-ttl': 'ttl',
  ttl: 'ttl',
  'ip-tos': 'tos',
  tos: 'tos',
  keepalive: 'keepalive',
  nodelay: 'nodelay',
  'tcp-nodelay': 'nodelay',
  rdonly: 'rdonly',
  wronly: 'wronly',
  retry: 'retry',
  reuseaddr: 'reuseaddr',
  'so-reuseaddr': 'reuseaddr',
  reuseport: 'reuseport',
  sp: 'sourceport',
  sourceport: 'sourceport',
  stderr: 'stderr',
  mode: 'mode',
  perm: 'mode',
  type: 'type',
  'so-type': 'type',
  'unlink-close': 'unlink-close',
  'unlink-early': 'unlink-early',
  trunc: 'trunc',
  'o-trunc': 'trunc',
};

/** Splits at separators that no quote and no backslash covers. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\\' && i + 1 < text.length) part += text[++i] as string;
    else if (quote !== '') {
      if (c === quote) quote = '';
      else part += c;
    } else if (c === '"' || c === "'") quote = c;
    else if (c === separator) {
      parts.push(part);
      part = '';
    } else part += c;
  }
  return [...parts, part];
}

/** Cuts `[::1]:80` and the like at its colons. */
function splitParams(text: string): string[] {
  const literal = /^(\[[^\]]*\]):(.*)$/.exec(text);
  return literal === null ? split(text, ':') : [literal[1] as string, literal[2] as string];
}

function parseOptions(words: readonly string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (const word of words) {
    const eq = word.indexOf('=');
    const name = (eq < 0 ? word : word.slice(0, eq)).toLowerCase();
    const known = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (known === undefined) throw new SocatError(`parseopts_table(): unknown option "${name}"`);
    options.set(known, eq < 0 ? '' : word.slice(eq + 1));
  }
  return options;
}

/** Parses one address. @throws SocatError */
export function parseAddress(text: string): SocatAddress {
  const command = /^(EXEC|SYSTEM):(.*)$/is.exec(text);
  const colon = text.indexOf(':');
  const bare = colon < 0;
  const head = bare ? (split(text, ',')[0] as string) : text.slice(0, colon);
  const typed = head.toUpperCase();
  const family = /^(?:TCP|UDP|IP)4/.test(typed)
    ? 'inet'
    : /^(?:TCP|UDP|IP)6/.test(typed)
      ? 'inet6'
      : undefined;
  const abstract = /^ABSTRACT-/.test(typed);
  const keyword = typed.replace(/^(TCP|UDP|IP)[46]/, '$1').replace(/^ABSTRACT-/, 'UNIX-');
  const known = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
  if (known === undefined) {
    if (bare && head.includes('/'))
      return { kind: 'open', params: [head], options: new Map(), abstract, family: undefined };
    throw new SocatError(`unknown device/address "${head}"`);
  }
  const [kind, wanted] = known;
  const words = split(bare ? text : text.slice(colon + 1), ',');
  const first = words.shift() as string;
  const params = bare ? [] : command === null ? splitParams(first) : [first];
  if (params.length !== wanted)
    throw new SocatError(
      `${head}: wrong number of parameters (${params.length} instead of ${wanted})`,
    );
  return { kind, params, options: parseOptions(words), abstract, family };
}
