import { type Manual, rowsOf } from '../machine/index.ts';

/** Why dhclient gives up; the usage stands before it if the command line is wrong. */
export class DhclientFatal extends Error {
  readonly isUsage: boolean;

  constructor(message: string, isUsage = false) {
    super(message);
    this.isUsage = isUsage;
  }
}

/** What the command line asks for. */
export interface DhclientOptions {
  readonly devices: readonly string[];
  /** -r gives leases back, -x only ends the running client. */
  readonly mode: 'run' | 'release' | 'exit';
  readonly foreground: boolean;
  readonly verbose: boolean;
  readonly oneTry: boolean;
  readonly noWait: boolean;
  /** -w: stays without any device. */
  readonly persist: boolean;
  /** -n */
  readonly noDevices: boolean;
  readonly confFile: string;
  readonly leaseFile: string;
  /** Undefined: none is written. */
  readonly pidFile: string | undefined;
  readonly script: string;
  readonly environment: readonly string[];
  readonly port: number;
  /** -s: where messages go instead of to all. */
  readonly server: string | undefined;
  /** -i: says who it is by a DUID. */
  readonly duid: boolean;
  /** -df: another lease file that may have the DUID. */
  readonly duidFile: string | undefined;
  /** Seconds after an address was refused. */
  readonly declineWait: number;
}

const DEFAULTS = {
  '-cf': '/etc/dhcp/dhclient.conf',
  '-lf': '/var/lib/dhcp/dhclient.leases',
  '-pf': '/run/dhclient.pid',
  '-sf': '/sbin/dhclient-script',
} as const;

const WITH_VALUE: readonly string[] = [
  '-p',
  '-pf',
  '-cf',
  '-df',
  '-lf',
  '-sf',
  '-s',
  '-g',
  '-e',
  '-D',
  '--decline-wait-time',
  '--dad-wait-time',
  '--prefix-len-hint',
  '--address-prefix-len',
];
const FLAGS: readonly string[] = [
  '-4',
  '-r',
  '-x',
  '-d',
  '-v',
  '-q',
  '-1',
  '-nw',
  '-n',
  '-w',
  '-i',
  '-I',
  '--no-pid',
];
/** What dhclient has and this has not, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  '-6': 'only DHCP for IPv4 is',
  '-S': 'only DHCP for IPv4 is',
  '-N': 'only DHCP for IPv4 is',
  '-T': 'only DHCP for IPv4 is',
  '-P': 'only DHCP for IPv4 is',
  '-R': 'only DHCP for IPv4 is',
  '-D': 'a DUID has link-layer address and time',
  '-g': 'messages go without a relay',
};

/** What dhclient can be told. */
export const dhclientManual = (): Manual => [
  {
    title: 'Options',
    rows: [
      ...rowsOf(FLAGS),
      ...rowsOf(
        WITH_VALUE.filter((name) => REFUSED[name] === undefined),
        { arg: 'VALUE' },
      ),
      ...rowsOf(Object.keys(REFUSED), { refused: true }),
    ],
  },
];

/** Reads the command line. client/dhclient.c, main() @throws DhclientFatal */
export function readCommandLine(
  args: readonly string[],
  env: ReadonlyMap<string, string>,
): DhclientOptions {
  const values = new Map<string, string[]>();
  const devices: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    const refused = REFUSED[word];
    if (refused !== undefined)
      throw new DhclientFatal(`dhclient ${word} is not supported: ${refused}`);
    if (WITH_VALUE.includes(word)) {
      const value = args[++i];
      if (value === undefined) throw new DhclientFatal(`No argument for command: ${word}`, true);
      values.set(word, [...(values.get(word) ?? []), value]);
    } else if (FLAGS.includes(word)) values.set(word, []);
    else if (word.startsWith('-')) throw new DhclientFatal(`Unknown command: ${word}`, true);
    else devices.unshift(word);
  }
  const last = (key: string) => values.get(key)?.at(-1);
  const file = (key: keyof typeof DEFAULTS, variable: string) =>
    last(key) ?? env.get(variable) ?? DEFAULTS[key];
  if (values.has('-n') && devices.length > 0)
    throw new DhclientFatal(
      `No interfaces command -n and  requested interface ${devices[0]}`,
      true,
    );
  return {
    devices,
    mode: lastOf(args, '-r', '-x') === '-r' ? 'release' : values.has('-x') ? 'exit' : 'run',
    foreground: ['-r', '-d'].some((f) => values.has(f)) && lastOf(args, '-r', '-d', '-x') !== '-x',
    verbose: ['-v', '-d'].some((f) => values.has(f)) && lastOf(args, '-v', '-d', '-q') !== '-q',
    oneTry: values.has('-1'),
    noWait: values.has('-nw'),
    persist: values.has('-w'),
    noDevices: values.has('-n'),
    confFile: file('-cf', 'PATH_DHCLIENT_CONF'),
    leaseFile: file('-lf', 'PATH_DHCLIENT_DB'),
    pidFile: values.has('--no-pid') ? undefined : file('-pf', 'PATH_DHCLIENT_PID'),
    script: file('-sf', 'PATH_DHCLIENT_SCRIPT'),
    environment: values.get('-e') ?? [],
    port: portOf(last('-p')),
    server: last('-s'),
    duid: values.has('-i'),
    duidFile: last('-df'),
    declineWait: secondsOf(last('--decline-wait-time')),
  };
}

function lastOf(args: readonly string[], ...flags: readonly string[]): string | undefined {
  return args.filter((a) => flags.includes(a)).at(-1);
}

function portOf(text: string | undefined): number {
  if (text === undefined) return 68;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new DhclientFatal(`Invalid port number specification: ${text}`);
  return port;
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return 10;
  if (!/^\d+$/.test(text))
    throw new DhclientFatal(`Invalid value for --decline-wait-time: ${text}`, true);
  return Number(text);
}
