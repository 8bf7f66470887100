import { OptionError } from '../../fatal.ts';
import { parseInteger, parseInteger16, splitAll, unhide } from '../option-text.ts';
import { need, type OptionContext, type OptionHandler, type OptionHandlers } from './handler.ts';

/** Facilities of syslog(3) by name. */
const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  security: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};
/** LOG_MAX: messages that wait when --log-async gives no number, and the most that it may give. */
const LOG_QUEUE = 5;
const LOG_QUEUE_MAX = 100;
const MAX_CACHE_SIZE = 5_000_000;
/** TTL_FLOOR_LIMIT, seconds. */
const MAX_MIN_CACHE_TTL = 3600;
/** Milliseconds: DEFAULT_FAST_RETRY, the least that may be given; seconds: TIMEOUT. */
const FAST_RETRY = 1000;
const MIN_FAST_RETRY = 50;
const FAST_RETRY_TIMEOUT = 10;
/** Seconds for which expired entries are good: STALE_CACHE_EXPIRY. */
const STALE_EXPIRY = 86_400;

/** An integer. @throws OptionError if it is none */
function integer(c: OptionContext, arg: string): number {
  return need(parseInteger(arg), c.genericError);
}

function integer16(c: OptionContext, arg: string): number {
  return need(parseInteger16(arg), c.genericError);
}

function text(arg: string): string | undefined {
  return arg === '' ? undefined : unhide(arg);
}

const logFacility: OptionHandler = ({ config }, arg) => {
  if (arg.includes('/') || arg === '-') config.logFile = text(arg);
  else config.logFacility = need(FACILITIES[unhide(arg).toLowerCase()], 'bad log facility');
};

const localService: OptionHandler = ({ config, genericError }, arg) => {
  if (arg === '' || arg === 'net') config.flags.add('local-service');
  else if (arg === 'host') config.flags.add('localhost-service');
  else throw new OptionError(genericError);
};

const fastRetry: OptionHandler = (c, arg) => {
  c.config.fastRetryTimeout = FAST_RETRY_TIMEOUT;
  c.config.fastRetry = FAST_RETRY;
  if (arg === '') return;
  const [retry = '', timeout] = splitAll(arg);
  c.config.fastRetry = integer(c, retry);
  if (c.config.fastRetry < MIN_FAST_RETRY) throw new OptionError(c.genericError);
  if (timeout !== undefined) c.config.fastRetryTimeout = Math.trunc(integer(c, timeout) / 1000);
};

const staleCache: OptionHandler = (c, arg) => {
  const seconds = arg === '' ? STALE_EXPIRY : integer(c, arg);
  if (seconds < 0) throw new OptionError(c.genericError);
  c.config.maxExpired = seconds === 0 ? -1 : seconds;
};

const logAsync: OptionHandler = (c, arg) => {
  c.config.logAsync = arg === '' ? LOG_QUEUE : Math.min(integer(c, arg), LOG_QUEUE_MAX);
};

const resolvFile: OptionHandler = ({ config }, arg) => {
  const path = text(arg);
  if (config.resolvFileIsDefault) config.resolvFiles = path === undefined ? [] : [path];
  else if (path !== undefined) config.resolvFiles.unshift(path);
  if (path !== undefined) config.resolvFileIsDefault = false;
};

function atLeastOne(c: OptionContext, arg: string): number {
  const value = integer(c, arg);
  if (value < 1) throw new OptionError(c.genericError);
  return value;
}

/** What concerns the daemon itself, its log, its ports and its cache. */
export const generalOptions: OptionHandlers = {
  '8': logFacility,
  'log-async': logAsync,
  q: ({ config }, arg) => {
    config.flags.add('log-queries');
    if (arg === 'extra') config.flags.add('log-queries-extra');
  },
  u: ({ config }, arg) => {
    config.user = text(arg);
  },
  g: ({ config }, arg) => {
    config.group = text(arg) ?? '';
  },
  x: ({ config }, arg) => {
    config.pidFile = text(arg);
  },
  p: (c, arg) => {
    c.config.port = integer16(c, arg);
  },
  c: (c, arg) => {
    c.config.cacheSize = Math.min(Math.max(integer(c, arg), 0), MAX_CACHE_SIZE);
  },
  '0': (c, arg) => {
    c.config.forwardMax = integer(c, arg);
  },
  P: (c, arg) => {
    c.config.ednsPacketMax = integer(c, arg) & 0xffff;
  },
  Q: (c, arg) => {
    c.config.queryPort = integer16(c, arg);
    c.config.onePort ||= c.config.queryPort === 0;
  },
  'min-port': (c, arg) => {
    c.config.minPort = integer16(c, arg);
  },
  'max-port': (c, arg) => {
    c.config.maxPort = integer16(c, arg);
  },
  'port-limit': (c, arg) => {
    c.config.portLimit = atLeastOne(c, arg);
  },
  'max-tcp-connections': (c, arg) => {
    c.config.maxTcpConnections = atLeastOne(c, arg);
  },
  T: (c, arg) => {
    c.config.localTtl = integer(c, arg);
  },
  'neg-ttl': (c, arg) => {
    c.config.negTtl = integer(c, arg);
  },
  'max-ttl': (c, arg) => {
    c.config.maxTtl = integer(c, arg);
  },
  'min-cache-ttl': (c, arg) => {
    c.config.minCacheTtl = Math.min(integer(c, arg), MAX_MIN_CACHE_TTL);
  },
  'max-cache-ttl': (c, arg) => {
    c.config.maxCacheTtl = integer(c, arg);
  },
  'auth-ttl': (c, arg) => {
    integer(c, arg);
  },
  'fast-dns-retry': fastRetry,
  'use-stale-cache': staleCache,
  'local-service': localService,
  r: resolvFile,
  'enable-ubus': ({ config }) => void config.flags.add('enable-ubus'),
  'servers-file': ({ config }, arg) => {
    config.serversFile = text(arg);
  },
  H: ({ config }, arg) => {
    config.addnHosts.unshift(unhide(arg));
  },
  hostsdir: ({ config }, arg) => {
    config.hostsDirs.unshift(unhide(arg));
  },
};
