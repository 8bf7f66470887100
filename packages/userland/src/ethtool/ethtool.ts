import { formatMac } from '@labwire/core/addr';
import type { NetDevice } from '@labwire/devices/link';
import { KERNEL_VERSIONS, type Manual, type Process, rowsOf } from '../machine/index.ts';
import { busInfo, type Driver, driverOf, featureProfile } from './drivers.ts';
import { Features } from './features.ts';
import { showSettings } from './settings.ts';
import { statistics } from './statistics.ts';

/** A command's answer: what it prints on standard output and error, and its exit status. */
interface Answer {
  readonly out?: string;
  readonly err?: string;
  readonly code: number;
}

interface Call {
  readonly proc: Process;
  readonly dev: NetDevice;
  readonly driver: Driver;
  readonly words: readonly string[];
}

type Command = (call: Call) => Answer;

const ok = (out: string): Answer => ({ out, code: 0 });
const netlinkError = (code: number, text = 'Operation not supported'): Answer => ({
  err: `netlink error: ${text}\n`,
  code,
});
const BAD_ARGUMENTS: Answer = {
  err: 'ethtool: bad command line argument(s)\nFor more information run ethtool -h\n',
  code: 1,
};

/** Bytes before the first name in a request that changes offloads. */
const FEATURES_HEAD = 48;
const align4 = (n: number): number => (n + 3) & ~3;

function driverInfo({ proc, dev, driver }: Call): Answer {
  if (driver.name === 'loopback')
    return { err: 'Cannot get driver information: Operation not supported\n', code: 71 };
  const yes = [...driver.supports].map((c) => (c === 'y' ? 'yes' : 'no'));
  const release = KERNEL_VERSIONS[proc.machine.kernel.profile].release;
  return ok(
    [
      `driver: ${driver.name}\n`,
      `version: ${driver.version === 'RELEASE' ? release : driver.version}\n`,
      `firmware-version: ${driver.firmware}\n`,
      'expansion-rom-version: \n',
      `bus-info: ${busInfo(proc, dev, driver)}\n`,
      `supports-statistics: ${yes[0]}\n`,
      `supports-test: ${yes[1]}\n`,
      `supports-eeprom-access: ${yes[2]}\n`,
      `supports-register-dump: ${yes[3]}\n`,
      `supports-priv-flags: ${yes[4]}\n`,
    ].join(''),
  );
}

function settings({ dev, driver }: Call): Answer {
  const text = showSettings(dev, driver);
  return text === undefined ? { err: 'No data available\n', code: 75 } : ok(text);
}

function stats({ dev, driver }: Call): Answer {
  const text = statistics(dev, driver);
  return text === undefined ? { err: 'no stats available\n', code: 94 } : ok(text);
}

function pause({ dev, driver }: Call): Answer {
  if (driver.pause === undefined) return netlinkError(1);
  const [auto, rx, tx] = driver.pause.map((on) => (on ? 'on' : 'off'));
  return ok(
    `Pause parameters for ${dev.name}:\nAutonegotiate:\t${auto}\nRX:\t\t${rx}\nTX:\t\t${tx}\n\n`,
  );
}

function rings({ dev, driver }: Call): Answer {
  if (driver.rings === undefined) return netlinkError(1);
  const table = ([rx, jumbo, tx]: readonly [number, number | undefined, number]): string =>
    `RX:\t\t${rx}\nRX Mini:\tn/a\nRX Jumbo:\t${jumbo ?? 'n/a'}\nTX:\t\t${tx}\n`;
  const [max, now] = driver.rings;
  return ok(
    `Ring parameters for ${dev.name}:\nPre-set maximums:\n${table(max)}Current hardware settings:\n${table(now)}RX Buf Len:\t\tn/a\nCQE Size:\t\tn/a\nTX Push:\toff\nTCP data split:\tn/a\n`,
  );
}

function channels({ dev, driver }: Call): Answer {
  const table = (rx: string, other: string, combined: string): string =>
    `RX:\t\t${rx}\nTX:\t\t${rx}\nOther:\t\t${other}\nCombined:\t${combined}\n`;
  const show = (max: string, now: string): Answer =>
    ok(
      `Channel parameters for ${dev.name}:\nPre-set maximums:\n${max}Current hardware settings:\n${now}`,
    );
  if (driver.name === 'veth')
    return show(table(String(dev.numTxQueues), 'n/a', 'n/a'), table('1', 'n/a', 'n/a'));
  if (driver.name === 'virtio_net') return show(table('n/a', 'n/a', '1'), table('n/a', 'n/a', '1'));
  if (driver.name === 'vmxnet3') return show(table('n/a', '1', '1'), table('n/a', '1', '1'));
  return netlinkError(1);
}

function permanentAddress({ dev }: Call): Answer {
  const text = dev.permAddr === undefined ? 'not set' : formatMac(dev.permAddr);
  return ok(`Permanent address: ${text}\n`);
}

function timeStamps({ dev, driver }: Call): Answer {
  const transmit = driver.stamps === 'both' ? '\tsoftware-transmit\n' : '';
  return ok(
    `Time stamping parameters for ${dev.name}:\nCapabilities:\n${transmit}\tsoftware-receive\n\tsoftware-system-clock\nPTP Hardware Clock: none\nHardware Transmit Timestamp Modes: none\nHardware Receive Filter Modes: none\n`,
  );
}

function setFeatures({ dev, words }: Call): Answer {
  if (words.length === 0) return { out: 'Could not change any device features\n', code: 1 };
  const wishes = new Map<string, boolean>();
  for (let i = 0; i < words.length; i += 2) {
    const names = Features.namesOf(words[i] as string);
    const value = words[i + 1];
    if (value !== 'on' && value !== 'off')
      return {
        err: `ethtool (-K): flag '${value ?? '(null)'}' for parameter '(null)' is not followed by 'on' or 'off'\n`,
        code: 1,
      };
    if (names === undefined) {
      const offset = FEATURES_HEAD + align4(dev.name.length + 1);
      return {
        err: `netlink error: bit name not found (offset ${offset})\nnetlink error: Operation not supported\n`,
        code: 92,
      };
    }
    for (const name of names) wishes.set(name, value === 'on');
  }
  const { text, failed } = new Features(dev, featureProfile(dev)).set(wishes);
  return { out: text, code: failed ? 1 : 0 };
}

/** `-s DEV speed N duplex full autoneg off`: where a driver lets one, it changes what is shown. */
function change({ dev, driver, words }: Call): Answer {
  if (words.length === 0 || words.length % 2 !== 0) return BAD_ARGUMENTS;
  let { speed, duplex } = dev.linkSettings ?? {};
  for (let i = 0; i < words.length; i += 2) {
    const [key, value = ''] = [words[i], words[i + 1]];
    if (key === 'speed' && /^\d+$/.test(value)) speed = Number(value);
    else if (key === 'duplex' && /^(half|full)$/.test(value))
      duplex = value === 'half' ? 'Half' : 'Full';
    else if (!['autoneg', 'wol', 'port', 'mdix', 'advertise', 'msglvl'].includes(key ?? ''))
      return { err: `ethtool (-s): unknown parameter '${key}'\n`, code: 1 };
    else if (key !== 'autoneg') return netlinkError(75);
  }
  if (driver.settable !== true) return netlinkError(75);
  dev.linkSettings = { speed, duplex };
  return { code: 0 };
}

const refuse =
  (code: number, text: string): Command =>
  () => ({ err: `${text}: Operation not supported\n`, code });

/** Commands by their short and long options. */
const COMMANDS: readonly (readonly [names: readonly string[], run: Command])[] = [
  [['-i', '--driver'], driverInfo],
  [
    ['-k', '--show-features', '--show-offload'],
    ({ dev }) => ok(new Features(dev, featureProfile(dev)).show()),
  ],
  [['-K', '--features', '--offload'], setFeatures],
  [['-S', '--statistics'], stats],
  [['-a', '--show-pause'], pause],
  [['-g', '--show-ring'], rings],
  [['-l', '--show-channels'], channels],
  [['-P', '--show-permaddr'], permanentAddress],
  [['-T', '--show-time-stamping'], timeStamps],
  [['-s', '--change'], change],
  [['-A', '--pause'], () => netlinkError(76)],
  [['-G', '--set-ring'], () => netlinkError(81)],
  [['-L', '--set-channels'], () => netlinkError(1)],
  [['-C', '--coalesce'], () => netlinkError(1)],
  [['-m', '--dump-module-eeprom', '--module-info'], () => netlinkError(1)],
  [['--show-eee'], () => netlinkError(1)],
  [['--show-fec'], () => netlinkError(1)],
  [['-r', '--negotiate'], refuse(255, 'Cannot restart autonegotiation')],
  [['-t', '--test'], refuse(74, 'Cannot test')],
  [['-p', '--identify'], refuse(255, 'Cannot identify NIC')],
  [['-d', '--register-dump'], refuse(74, 'Cannot get register dump')],
  [['-w', '--get-dump'], refuse(1, 'Can not get dump level')],
];

/** Options that ethtool 6.1 has and Labwire has not. */
const OTHERS: readonly string[] = [
  ...[...'ceEfnNuUxXQ'].map((letter) => `-${letter}`),
  ...(
    'show-coalesce eeprom-dump change-eeprom flash show-nfc config-nfc show-ntuple config-ntuple show-rxfh ' +
    'show-rxfh-indir rxfh set-rxfh-indir set-dump set-eee set-fec show-priv-flags set-priv-flags get-tunable ' +
    'set-tunable get-phy-tunable set-phy-tunable reset per-queue cable-test cable-test-tdr show-tunnels show-module ' +
    'set-module monitor get-plca-cfg set-plca-cfg get-plca-status phy-statistics all-groups'
  )
    .split(' ')
    .map((name) => `--${name}`),
];

/** What ethtool can be told. */
export const ethtoolManual = (): Manual => [
  {
    title: 'Options',
    rows: [
      ...COMMANDS.map(([names]) => ({ names })),
      { names: ['-h', '--help'] },
      { names: ['--version'] },
      ...rowsOf(OTHERS, { refused: true }),
    ],
  },
];

const SUPPORTED = 'ethtool DEV, -i, -k, -K, -S, -a, -g, -l, -P, -T, -s, -r';

/** ethtool(8) */
export async function ethtool(proc: Process): Promise<number> {
  const words = proc.argv.slice(1);
  if (words[0] === '--version') {
    await proc.out('ethtool version 6.1\n');
    return 0;
  }
  if (words[0] === '-h' || words[0] === '--help') {
    await proc.out(
      `Usage:\n        ethtool DEVNAME\tDisplay standard information about device\nLabwire has ${SUPPORTED}.\n`,
    );
    return 0;
  }
  const { out = '', err = '', code } = answer(proc, words);
  if (out !== '') await proc.out(out);
  if (err !== '') await proc.err(err);
  return code;
}

function answer(proc: Process, words: readonly string[]): Answer {
  const [first] = words;
  if (first === undefined) return BAD_ARGUMENTS;
  const option = first.startsWith('-') ? first : undefined;
  const found = COMMANDS.find(([names]) => names.includes(option ?? ''));
  if (option !== undefined && OTHERS.includes(option))
    return {
      err: `ethtool: Labwire does not support ${option}; supported: ${SUPPORTED}\n`,
      code: 1,
    };
  if (option !== undefined && found === undefined) return BAD_ARGUMENTS;
  const [name, ...rest] = option === undefined ? words : words.slice(1);
  if (name === undefined || name.length > 15) return BAD_ARGUMENTS;
  if (
    option !== undefined &&
    rest.length > 0 &&
    !['-K', '-s', '-A', '-G', '-L', '-C', '-t', '-p'].includes(found?.[0][0] ?? '')
  )
    return BAD_ARGUMENTS;
  const dev = proc.netns.devices.byName(name);
  if (dev === undefined) return noDevice(found?.[0][0]);
  return (found?.[1] ?? settings)({ proc, dev, driver: driverOf(dev), words: rest });
}

const NO_MATCH =
  'netlink error: no device matches name (offset 24)\nnetlink error: No such device\n';

/** What commands that go by ioctl(2) say before the failure, and their exit status. */
const BY_IOCTL: Readonly<Record<string, readonly [what: string, code: number]>> = {
  '-i': ['Cannot get driver information', 71],
  '-S': ['Cannot get stats strings information', 96],
  '-r': ['Cannot restart autonegotiation', 255],
  '-t': ['Cannot get strings', 74],
  '-p': ['Cannot identify NIC', 255],
  '-d': ['Cannot get driver information', 72],
  '-w': ['Can not get dump level', 1],
};
const CODES: Readonly<Record<string, number>> = { '-K': 92, '-s': 75, '-A': 76, '-G': 81 };

/** What is said of a device that is not there: it depends on the command. */
function noDevice(option: string | undefined): Answer {
  if (option === undefined) return { err: `${NO_MATCH.repeat(5)}No data available\n`, code: 75 };
  const ioctl = BY_IOCTL[option];
  if (ioctl !== undefined) return { err: `${ioctl[0]}: No such device\n`, code: ioctl[1] };
  if (option === '-P') return netlinkError(1, 'No such device');
  return { err: NO_MATCH, code: CODES[option] ?? 1 };
}
