import { utf8Encode } from '@labwire/core/bytes';
import { base64, DEFAULT_PORTS, type Url, urlHost } from '../http/index.ts';
import type { CurlConfig } from './config.ts';

/** What one request carries besides what the command line says. */
export interface RequestPlan {
  readonly method: string;
  readonly url: Url;
  readonly body: Uint8Array | undefined;
  readonly upload: boolean;
  /** User and password may be sent to this host. */
  readonly authorize: boolean;
  readonly referer: string | undefined;
}

interface CustomHeader {
  readonly name: string;
  /** Undefined takes the header away. */
  readonly line: string | undefined;
}

function customHeader(text: string): CustomHeader | undefined {
  const colon = text.indexOf(':');
  if (colon < 0) {
    const semicolon = /^([^;]+);\s*$/.exec(text);
    return semicolon === null
      ? undefined
      : { name: (semicolon[1] as string).toLowerCase(), line: `${semicolon[1]}:` };
  }
  const name = text.slice(0, colon);
  const value = text.slice(colon + 1).trim();
  return { name: name.toLowerCase(), line: value === '' ? undefined : text };
}

/** The Host header's value. RFC 9110 section 7.2 */
function hostValue(url: Url): string {
  const usual = DEFAULT_PORTS[url.scheme] === url.port;
  return url.port === undefined || usual ? urlHost(url) : `${urlHost(url)}:${url.port}`;
}

/** Builds the head of a request, its headers in curl's order. lib/http.c, Curl_http() */
export function requestHead(config: CurlConfig, plan: RequestPlan): string {
  const custom = config.headers.map(customHeader).filter((h): h is CustomHeader => h !== undefined);
  if (config.json) {
    for (const [name, value] of [
      ['Content-Type', 'application/json'],
      ['Accept', 'application/json'],
    ] as const)
      if (!custom.some((h) => h.name === name.toLowerCase()))
        custom.push({ name: name.toLowerCase(), line: `${name}: ${value}` });
  }
  const lines: string[] = [];
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && !custom.some((h) => h.name === name.toLowerCase()))
      lines.push(`${name}: ${value}`);
  };
  const { url } = plan;
  lines.push(`${plan.method} ${url.path}${url.query} HTTP/${config.http10 ? '1.0' : '1.1'}`);
  const host = custom.find((h) => h.name === 'host');
  if (host === undefined) lines.push(`Host: ${hostValue(url)}`);
  else if (host.line !== undefined) lines.push(host.line);
  add('Authorization', plan.authorize ? authorization(config, url) : undefined);
  add('Range', config.range === undefined ? undefined : `bytes=${config.range}`);
  add('User-Agent', config.userAgent);
  add('Accept', '*/*');
  add('Referer', plan.referer);
  add('Cookie', config.cookie);
  for (const { name, line } of custom) if (name !== 'host' && line !== undefined) lines.push(line);
  if (plan.body !== undefined) {
    add('Content-Length', String(plan.body.length));
    if (!plan.upload && !config.json) add('Content-Type', 'application/x-www-form-urlencoded');
    if (expectsContinue(config, plan)) add('Expect', '100-continue');
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Bodies from this many bytes on are announced with Expect. lib/http.h, EXPECT_100_THRESHOLD */
const EXPECT_THRESHOLD = 1024 * 1024;

/** Whether the body waits for `100 Continue`. RFC 9110 section 10.1.1 */
export function expectsContinue(config: CurlConfig, plan: RequestPlan): boolean {
  if (config.http10 || plan.body === undefined) return false;
  if (config.headers.some((h) => /^expect:/i.test(h))) return false;
  return plan.upload || plan.body.length > EXPECT_THRESHOLD;
}

/** The user that is authorised, from `-u` or the URL. */
export function credentials(config: CurlConfig, url: Url): string | undefined {
  if (config.user !== undefined) return config.user.includes(':') ? config.user : `${config.user}:`;
  return url.user === undefined ? undefined : `${url.user}:${url.password ?? ''}`;
}

function authorization(config: CurlConfig, url: Url): string | undefined {
  const user = credentials(config, url);
  return user === undefined ? undefined : `Basic ${base64(utf8Encode(user))}`;
}
