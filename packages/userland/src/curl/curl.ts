import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { formatInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { BadOption, type CurlConfig, concat, type Output, readConfig } from './config.ts';
import {
  CURLE_FAILED_INIT,
  CURLE_READ_ERROR,
  CURLE_URL_MALFORMAT,
  CurlError,
  MALFORMED_URL,
} from './curl-error.ts';
import { CURL_HELP, CURL_VERSION } from './help.ts';
import { parseArgs } from './options.ts';
import { OutputSink } from './output.ts';
import { ProgressMeter } from './progress.ts';
import { ConnectionPool, remoteName, Transfer } from './transfer.ts';
import { newTransferInfo, type TransferInfo, writeOut } from './write-out.ts';

const TRY_HELP = "curl: try 'curl --help' or 'curl --manual' for more information\n";
/** curl src/tool_urlglob.h: the characters that start a glob. */
const GLOB = /[{}[\]]/;

async function refuse(proc: Process, message: string): Promise<number> {
  await proc.err(`${message === '' ? '' : `curl: ${message}\n`}${TRY_HELP}`);
  return CURLE_FAILED_INIT;
}

/** curl(1). curl src/tool_operate.c */
export async function curl(proc: Process): Promise<number> {
  const args = parseArgs(proc.argv.slice(1));
  if ('error' in args) return refuse(proc, args.error);
  const names = args.given.map((o) => o.name);
  if (names.includes('help')) {
    await proc.out(CURL_HELP);
    return 0;
  }
  if (names.includes('version')) {
    await proc.out(CURL_VERSION);
    return 0;
  }
  let config: CurlConfig;
  try {
    config = await readConfig(proc, args.given);
  } catch (e) {
    if (e instanceof BadOption) return refuse(proc, e.message);
    throw e;
  }
  if (config.urls.length === 0) return refuse(proc, '');
  return transferAll(proc, config);
}

async function transferAll(proc: Process, config: CurlConfig): Promise<number> {
  for (const { host, port, addrs } of config.resolve)
    if (config.verbose)
      await proc.err(`* Added ${host}:${port}:${addrs.map(formatInet).join(',')} to DNS cache\n`);
  const pool = new ConnectionPool(proc);
  let status = 0;
  for (const [i, url] of config.urls.entries())
    status = await transferOne(proc, config, pool, url, i);
  return status;
}

async function transferOne(
  proc: Process,
  config: CurlConfig,
  pool: ConnectionPool,
  url: string,
  index: number,
): Promise<number> {
  const info = newTransferInfo(url, index);
  const sink = openSink(proc, config.outputs[index] ?? 'stdout', url);
  if (sink === undefined)
    return report(
      proc,
      config,
      new CurlError(CURLE_URL_MALFORMAT, 'Remote file name has no length!'),
    );
  info.file = sink.file ?? '';
  const showMeter = !config.silent && config.progressMeter && !sink.isTty;
  const meter = showMeter ? new ProgressMeter(proc.now) : undefined;
  const began = proc.now;
  const error = await attempt(proc, config, pool, { url, info, sink, meter });
  info.total = proc.now - began;
  info.exitCode = error?.code ?? 0;
  info.error = error?.message ?? '';
  const last = error?.code === CURLE_URL_MALFORMAT ? '' : (meter?.update(proc.now, true) ?? '');
  if (last !== '') await proc.err(`${last}\n`);
  sink.finish(error === undefined);
  if (error !== undefined) await report(proc, config, error);
  await printWriteOut(proc, config, info);
  return info.exitCode;
}

interface Attempt {
  readonly url: string;
  readonly info: TransferInfo;
  readonly sink: OutputSink;
  readonly meter: ProgressMeter | undefined;
}

/** @returns why it failed */
async function attempt(
  proc: Process,
  config: CurlConfig,
  pool: ConnectionPool,
  { url, info, sink, meter }: Attempt,
): Promise<CurlError | undefined> {
  try {
    if (!config.globOff && GLOB.test(url.replace(/\[[0-9a-fA-F:.%\w]*:[^\]]*\]/, '')))
      throw new CurlError(
        CURLE_URL_MALFORMAT,
        `URL globbing is not supported here, or give -g: ${url}`,
      );
    if (url === '') throw new CurlError(CURLE_URL_MALFORMAT, MALFORMED_URL);
    const upload = config.upload === undefined ? undefined : await readUpload(proc, config.upload);
    const start = meter?.update(proc.now) ?? '';
    if (start !== '') await proc.err(start);
    const dumpHeader = dumper(proc, config);
    await new Transfer({ proc, config, pool, sink, info, meter, dumpHeader, upload }).run(url);
    return undefined;
  } catch (e) {
    if (e instanceof CurlError) return e;
    throw e;
  }
}

async function readUpload(proc: Process, name: string): Promise<Uint8Array> {
  if (name === '-' || name === '.') {
    const pieces: Uint8Array[] = [];
    for (let piece = await proc.read(0); piece.length > 0; piece = await proc.read(0))
      pieces.push(piece);
    return concat(pieces);
  }
  try {
    return proc.fs.readFile(proc.path(name));
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new CurlError(CURLE_READ_ERROR, `Can't open '${name}'!`);
  }
}

function openSink(proc: Process, output: Output, url: string): OutputSink | undefined {
  if (output === 'stdout') return new OutputSink(proc, undefined);
  const name = output === 'remote-name' ? remoteName(url) : output.file;
  return name === undefined ? undefined : new OutputSink(proc, name);
}

function dumper(proc: Process, config: CurlConfig): ((text: string) => Promise<void>) | undefined {
  const name = config.dumpHeader;
  if (name === undefined) return undefined;
  const sink = new OutputSink(proc, name === '-' ? undefined : name);
  return (text) => sink.write(utf8Encode(text));
}

async function report(proc: Process, config: CurlConfig, error: CurlError): Promise<number> {
  if (!config.silent || config.showError)
    await proc.err(`curl: (${error.code}) ${error.message}\n`);
  return error.code;
}

async function printWriteOut(proc: Process, config: CurlConfig, info: TransferInfo): Promise<void> {
  if (config.writeOut === undefined) return;
  const { out, err } = writeOut(config.writeOut, info);
  if (out !== '') await proc.out(out);
  if (err !== '') await proc.err(err);
}
