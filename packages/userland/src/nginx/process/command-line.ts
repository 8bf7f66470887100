import type { GetoptTable } from '../../libc-net/index.ts';

/** What the command line of nginx asks for. */
export interface NginxOptions {
  readonly help: boolean;
  readonly version: boolean;
  readonly test: boolean;
  readonly dump: boolean;
  readonly quiet: boolean;
  readonly signal: NginxSignal | undefined;
  readonly prefix: string;
  readonly file: string;
  readonly errorLog: string | undefined;
  readonly globals: string | undefined;
}

/** What `-s` sends. */
export type NginxSignal = 'stop' | 'quit' | 'reopen' | 'reload';

const SIGNALS: readonly string[] = ['stop', 'quit', 'reopen', 'reload'];
const WITH_VALUE: Readonly<Record<string, string>> = {
  p: 'directory name',
  e: 'file name',
  c: 'file name',
  g: 'parameter',
  s: 'parameter',
};

/** What `nginx -h` prints below the version. */
export const NGINX_USAGE = `Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: /usr/share/nginx/)
  -e filename   : set error log file (default: stderr)
  -c filename   : set configuration file (default: /etc/nginx/nginx.conf)
  -g directives : set global directives out of configuration file

`;

const FLAGS = '?hvVtTq';
/** What nginx can be told. */
export const NGINX_OPTIONS: GetoptTable = {
  letters: `${FLAGS}${Object.keys(WITH_VALUE)
    .map((letter) => `${letter}:`)
    .join('')}`,
  usage: NGINX_USAGE,
};

/** Parses the command line. ngx_get_options() @returns a message if it is refused */
export function parseOptions(args: readonly string[]): NginxOptions | string {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (!word.startsWith('-')) return `invalid option: "${word}"`;
    for (let k = 1; k < word.length; k++) {
      const letter = word[k] as string;
      const wants = WITH_VALUE[letter];
      if (wants === undefined) {
        if (!FLAGS.includes(letter)) return `invalid option: "${letter}"`;
        flags.add(letter);
        continue;
      }
      const rest = word.slice(k + 1);
      const value = rest === '' ? args[++i] : rest;
      if (value === undefined) return `option "-${letter}" requires ${wants}`;
      if (letter === 's' && !SIGNALS.includes(value)) return `invalid option: "-s ${value}"`;
      values.set(letter, value);
      break;
    }
  }
  const has = (letters: string) => [...letters].some((l) => flags.has(l));
  const prefix = `${values.get('p') ?? '/usr/share/nginx'}/`.replace(/\/+$/, '/');
  const file = values.get('c') ?? (values.has('p') ? 'conf/nginx.conf' : '/etc/nginx/nginx.conf');
  return {
    help: has('?h'),
    version: has('?hvV'),
    test: has('tT'),
    dump: has('T'),
    quiet: has('q'),
    signal: values.get('s') as NginxSignal | undefined,
    prefix,
    file: file.startsWith('/') ? file : `${prefix}${file}`,
    errorLog: values.get('e'),
    globals: values.get('g'),
  };
}
