import { errnoNumber, KernelError, strerror } from '@labwire/core/error';
import type { StreamSocket } from '../../libc-net/index.ts';
import { type Process, SIGHUP, SIGQUIT, SIGTERM } from '../../machine/index.ts';
import {
  ConfError,
  type Configuration,
  type Directive,
  openFailed,
  readConfiguration,
} from '../conf/index.ts';
import { errorTime, LogFiles, NGINX_VERSION } from '../serve/index.ts';
import { NGINX_USAGE, type NginxOptions, type NginxSignal, parseOptions } from './command-line.ts';
import { openListeners } from './listen-sockets.ts';
import { Master, type MasterSetup } from './master.ts';

const DEFAULT_PID_FILE = '/run/nginx.pid';
const SIGNAL_NUMBERS: Readonly<Record<NginxSignal, number>> = {
  stop: SIGTERM,
  quit: SIGQUIT,
  reopen: 10,
  reload: SIGHUP,
};

/** A line as nginx logs it before its log file is open: with date and process, on standard error. */
function early(proc: Process, level: string, message: string): Promise<void> {
  const time = errorTime(proc.machine.wallClock);
  return proc.err(`${time} [${level}] ${proc.pid}#${proc.pid}: ${message}\n`);
}

/** Says something bad once the log file is open: in the file, and on standard error. */
class StartLog {
  readonly #proc: Process;
  readonly #logs: LogFiles;
  readonly #path: string | undefined;

  constructor(proc: Process, logs: LogFiles, path: string | undefined) {
    this.#proc = proc;
    this.#logs = logs;
    this.#path = path;
  }

  async emerg(message: string): Promise<void> {
    if (this.#path === undefined) return early(this.#proc, 'emerg', message);
    const { pid, machine } = this.#proc;
    this.#logs.write(
      this.#path,
      `${errorTime(machine.wallClock)} [emerg] ${pid}#${pid}: ${message}`,
    );
    await this.#proc.err(`nginx: [emerg] ${message}\n`);
  }
}

/** nginx(8). nginx src/core/nginx.c */
export async function nginx(proc: Process): Promise<number> {
  const options = parseOptions(proc.argv.slice(1));
  if (typeof options === 'string') {
    await proc.err(`nginx: ${options}\n`);
    return 1;
  }
  if (options.version) {
    await proc.err(`nginx version: nginx/${NGINX_VERSION}\n`);
    if (options.help) await proc.err(NGINX_USAGE);
    return 0;
  }
  const conf = await load(proc, options);
  if (conf === undefined) return 1;
  if (options.signal !== undefined) return sendSignal(proc, conf, options.signal);
  const setup = await prepare(proc, options, conf, new Map(), undefined);
  if (setup === undefined || options.test) return finishTest(proc, options, conf, setup);
  const foreground = conf.main.value('daemon')?.toLowerCase() === 'off';
  if (foreground) return runMaster(proc, options, setup);
  const title = `nginx: master process ${proc.argv.join(' ')}`;
  proc.spawn([title], (child) => runMaster(child, options, setup), { newGroup: true });
  return 0;
}

async function runMaster(
  proc: Process,
  options: NginxOptions,
  setup: MasterSetup,
): Promise<number> {
  proc.comm = 'nginx';
  proc.argv = [
    `nginx: master process ${proc.argv.join(' ').replace(/^nginx: master process /, '')}`,
  ];
  proc.fs.writeFile(setup.pidFile, `${proc.pid}\n`);
  return new Master(proc, setup, (master, present) => reload(master, options, present)).run();
}

async function finishTest(
  proc: Process,
  options: NginxOptions,
  conf: Configuration,
  setup: MasterSetup | undefined,
): Promise<number> {
  if (!options.test) return 1;
  const result = setup === undefined ? 'failed' : 'is successful';
  if (!options.quiet || setup === undefined)
    await proc.err(`nginx: configuration file ${options.file} test ${result}\n`);
  if (options.dump && setup !== undefined)
    for (const { path, text } of conf.reader.files)
      await proc.out(`# configuration file ${path}:\n${text}\n`);
  return setup === undefined ? 1 : 0;
}

/** Reads the configuration; says what is wrong with it. */
async function load(proc: Process, options: NginxOptions): Promise<Configuration | undefined> {
  const { prefix, file, globals } = options;
  try {
    const conf = await readConfiguration(proc, { prefix, file, globals });
    for (const warning of conf.warnings) await early(proc, 'warn', warning);
    if (options.test && !options.quiet) await syntaxOk(proc, file);
    return conf;
  } catch (e) {
    if (!(e instanceof ConfError)) throw e;
    if (e.afterParse && options.test && !options.quiet) await syntaxOk(proc, file);
    await early(proc, 'emerg', e.message);
    if (options.test) await proc.err(`nginx: configuration file ${file} test failed\n`);
    return undefined;
  }
}

function syntaxOk(proc: Process, file: string): Promise<void> {
  return proc.err(`nginx: the configuration file ${file} syntax is ok\n`);
}

/** Opens log files and sockets. @returns undefined if one could not be opened, which has been said */
async function prepare(
  proc: Process,
  options: NginxOptions,
  conf: Configuration,
  kept: ReadonlyMap<string, StreamSocket>,
  oldLogs: LogFiles | undefined,
): Promise<MasterSetup | undefined> {
  const logs = oldLogs ?? new LogFiles();
  const errorPath = conf.main.value('error_log') ?? options.errorLog;
  const pidFile = conf.main.value('pid') ?? DEFAULT_PID_FILE;
  const wanted = [
    ...(errorPath === undefined ? [] : [errorPath]),
    ...logPaths(conf.main.directives),
  ];
  for (const path of wanted.filter((p) => p !== 'stderr' && !p.startsWith('syslog:'))) {
    try {
      logs.ensure(proc, path);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await early(proc, 'emerg', openFailed(path, e));
      return undefined;
    }
  }
  const log = new StartLog(proc, logs, errorPath === 'stderr' ? undefined : errorPath);
  const emerg = (message: string) => log.emerg(message);
  const sockets = await openListeners(proc, conf.listening, kept, emerg, options.test);
  return sockets && { conf, logs, sockets, pidFile };
}

/** The log files that any block names, in the order of the file. */
function logPaths(directives: readonly Directive[]): string[] {
  return directives.flatMap(({ name, args, block }) => {
    if (block !== undefined) return logPaths(block);
    const isLog = name === 'error_log' || (name === 'access_log' && args[0] !== 'off');
    return isLog ? [args[0] as string] : [];
  });
}

async function reload(
  proc: Process,
  options: NginxOptions,
  present: MasterSetup,
): Promise<MasterSetup | undefined> {
  const { prefix, file, globals } = options;
  const kept = new Map([...present.sockets].map(([l, sock]) => [l.at.text, sock]));
  try {
    const conf = await readConfiguration(proc, { prefix, file, globals });
    return await prepare(proc, options, conf, kept, present.logs);
  } catch (e) {
    if (!(e instanceof ConfError)) throw e;
    const path = present.conf.main.value('error_log');
    const { pid, machine } = proc;
    if (path !== undefined)
      present.logs.write(
        path,
        `${errorTime(machine.wallClock)} [emerg] ${pid}#${pid}: ${e.message}`,
      );
    return undefined;
  }
}

/** `nginx -s`: signals the master whose pid the file tells. ngx_signal_process() */
async function sendSignal(
  proc: Process,
  conf: Configuration,
  signal: NginxSignal,
): Promise<number> {
  await early(proc, 'notice', 'signal process started');
  const path = conf.main.value('pid') ?? DEFAULT_PID_FILE;
  let text: string;
  try {
    text = proc.fs.readText(path);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await early(proc, 'error', openFailed(path, e));
    return 1;
  }
  const pid = /^\d+/.exec(text)?.[0];
  if (pid === undefined) {
    await early(proc, 'error', `invalid PID number "${text.trim()}" in "${path}"`);
    return 1;
  }
  const master = proc.machine.processes.get(Number(pid));
  const number = SIGNAL_NUMBERS[signal];
  if (master === undefined) {
    const why = `${errnoNumber('ESRCH')}: ${strerror('ESRCH')}`;
    await early(proc, 'alert', `kill(${pid}, ${number}) failed (${why})`);
    return 1;
  }
  master.kill(number);
  return 0;
}
