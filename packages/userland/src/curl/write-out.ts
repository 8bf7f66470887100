import { type Nanos, US } from '@labwire/core/sim';
import type { HeaderList } from '../http/index.ts';

/** What is known of a transfer once it is over; times since its start. */
export interface TransferInfo {
  url: string;
  effectiveUrl: string;
  method: string;
  status: number;
  httpVersion: string;
  headers: HeaderList | undefined;
  redirectUrl: string;
  remoteIp: string;
  remotePort: number;
  localIp: string;
  localPort: number;
  connects: number;
  redirects: number;
  downloaded: number;
  uploaded: number;
  headerBytes: number;
  requestBytes: number;
  exitCode: number;
  error: string;
  file: string;
  referer: string;
  urlNumber: number;
  scheme: string;
  nameLookup: Nanos;
  connect: Nanos;
  preTransfer: Nanos;
  startTransfer: Nanos;
  redirect: Nanos;
  total: Nanos;
}

/** The facts of a transfer that has not begun. */
export function newTransferInfo(url: string, urlNumber: number): TransferInfo {
  return {
    url,
    effectiveUrl: url,
    method: 'GET',
    status: 0,
    httpVersion: '0',
    headers: undefined,
    redirectUrl: '',
    remoteIp: '',
    remotePort: 0,
    localIp: '',
    localPort: 0,
    connects: 0,
    redirects: 0,
    downloaded: 0,
    uploaded: 0,
    headerBytes: 0,
    requestBytes: 0,
    exitCode: 0,
    error: '',
    file: '',
    referer: '',
    urlNumber,
    scheme: '',
    nameLookup: 0,
    connect: 0,
    preTransfer: 0,
    startTransfer: 0,
    redirect: 0,
    total: 0,
  };
}

/** A time that shows as seconds with six places. */
class Seconds {
  readonly us: number;

  constructor(time: Nanos) {
    this.us = Math.floor(time / US);
  }

  toString(): string {
    const fraction = String(this.us % 1_000_000).padStart(6, '0');
    return `${Math.floor(this.us / 1_000_000)}.${fraction}`;
  }
}

type Value = string | number | Seconds | undefined;

function speed(bytes: number, info: TransferInfo): number {
  return Math.floor((bytes * 1_000_000) / Math.max(1, Math.floor(info.total / US)));
}

/** The variables of `-w`, in the order in which `%{json}` lists them. curl src/tool_writeout.c */
const VARIABLES: Readonly<Record<string, (i: TransferInfo) => Value>> = {
  certs: () => '',
  content_type: (i) => i.headers?.get('Content-Type'),
  errormsg: (i) => i.error || undefined,
  exitcode: (i) => i.exitCode,
  filename_effective: (i) => i.file || undefined,
  ftp_entry_path: () => undefined,
  http_code: (i) => i.status,
  http_connect: () => 0,
  http_version: (i) => i.httpVersion,
  local_ip: (i) => i.localIp,
  local_port: (i) => i.localPort,
  method: (i) => i.method,
  num_certs: () => 0,
  num_connects: (i) => i.connects,
  num_headers: (i) => i.headers?.entries.length ?? 0,
  num_redirects: (i) => i.redirects,
  proxy_ssl_verify_result: () => 0,
  redirect_url: (i) => i.redirectUrl || undefined,
  referer: (i) => i.referer || undefined,
  remote_ip: (i) => i.remoteIp,
  remote_port: (i) => i.remotePort,
  response_code: (i) => i.status,
  scheme: (i) => i.scheme.toUpperCase() || undefined,
  size_download: (i) => i.downloaded,
  size_header: (i) => i.headerBytes,
  size_request: (i) => i.requestBytes,
  size_upload: (i) => i.uploaded,
  speed_download: (i) => speed(i.downloaded, i),
  speed_upload: (i) => speed(i.uploaded, i),
  ssl_verify_result: () => 0,
  time_appconnect: () => new Seconds(0),
  time_connect: (i) => new Seconds(i.connect),
  time_namelookup: (i) => new Seconds(i.nameLookup),
  time_pretransfer: (i) => new Seconds(i.preTransfer),
  time_redirect: (i) => new Seconds(i.redirect),
  time_starttransfer: (i) => new Seconds(i.startTransfer),
  time_total: (i) => new Seconds(i.total),
  url: (i) => i.url,
  url_effective: (i) => i.effectiveUrl,
  urlnum: (i) => i.urlNumber,
};

function json(info: TransferInfo): string {
  const parts = Object.entries(VARIABLES).map(([name, get]) => {
    const value = get(info);
    const text = value instanceof Seconds ? value.toString() : JSON.stringify(value ?? null);
    return `"${name}":${text}`;
  });
  return `{${parts.join(',')},"curl_version":"libcurl/7.88.1"}`;
}

function headerJson(info: TransferInfo): string {
  const byName = new Map<string, string[]>();
  for (const [name, value] of info.headers?.entries ?? []) {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), value]);
  }
  const lines = [...byName].map(([name, values]) => `"${name}":${JSON.stringify(values)}`);
  return `{${lines.join(',\n')}\n}`;
}

function variable(name: string, info: TransferInfo): string | undefined {
  if (name === 'json') return json(info);
  if (name === 'header_json') return headerJson(info);
  const get = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
  if (get === undefined) return undefined;
  const value = get(info);
  if (name === 'http_code' || name === 'response_code') return String(value).padStart(3, '0');
  return String(value ?? '');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** What `-w` prints, by stream. */
export interface WriteOut {
  readonly out: string;
  readonly err: string;
}

/** Fills in a `-w` format. tool_writeout.c, ourWriteOut() */
export function writeOut(format: string, info: TransferInfo): WriteOut {
  const text = { out: '', err: '' };
  let to: 'out' | 'err' = 'out';
  for (let i = 0; i < format.length; i++) {
    const rest = format.slice(i);
    const named = /^%\{([^}]*)\}/.exec(rest);
    const header = /^%header\{([^}]*)\}/.exec(rest);
    if (rest.startsWith('%%')) {
      text[to] += '%';
      i++;
    } else if (header !== null) {
      text[to] += info.headers?.get(header[1] as string) ?? '';
      i += header[0].length - 1;
    } else if (named !== null) {
      const name = named[1] as string;
      i += named[0].length - 1;
      if (name === 'stderr') to = 'err';
      else if (name === 'stdout') to = 'out';
      else if (name === 'onerror') {
        if (info.exitCode === 0) break;
      } else {
        const value = variable(name, info);
        if (value === undefined) text.err += `curl: unknown --write-out variable: '${name}'\n`;
        else text[to] += value;
      }
    } else if (format[i] === '\\' && i + 1 < format.length) {
      const next = format[++i] as string;
      text[to] += ESCAPES[next] ?? `\\${next}`;
    } else text[to] += format[i];
  }
  return text;
}
