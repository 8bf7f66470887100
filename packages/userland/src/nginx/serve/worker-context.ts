import { formatInet } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import type { Configuration } from '../conf/index.ts';
import { errorLog, errorTime, type LogFiles } from './logs.ts';
import type { Request } from './request.ts';
import { documentRoot } from './static-content.ts';
import type { VariableContext } from './variables.ts';

/** What all connections of a worker share. */
export interface WorkerContext {
  readonly proc: Process;
  readonly conf: Configuration;
  readonly logs: LogFiles;
  /** Set once the worker is to take no more requests. */
  readonly stopping: () => boolean;
  /** Counts connections of all workers. */
  readonly nextConnection: () => number;
}

/** Writes a line to the error log of a request. ngx_http_log_error_handler() */
export function logError(w: WorkerContext, r: Request, message: string, upstream = ''): void {
  const { path, admits } = errorLog(r.scope);
  if (!admits('error') || path === 'stderr') return;
  const { pid } = w.proc;
  const client = contextOf(w, r).client;
  const host = r.headers.get('Host');
  const parts = [
    `${errorTime(w.proc.machine.wallClock)} [error] ${pid}#${pid}: *${r.connection} ${message}`,
    `client: ${client}`,
    `server: ${r.server.names[0] ?? ''}`,
    `request: "${r.line}"`,
  ];
  if (upstream !== '') parts.push(`upstream: "${upstream}"`);
  if (host !== undefined) parts.push(`host: "${host}"`);
  w.logs.write(path, parts.join(', '));
}

/** The variables' surroundings before the answer is sent. */
export function contextOf(w: WorkerContext, r: Request): VariableContext & { client: string } {
  return {
    hostname: w.proc.machine.hostname,
    pid: w.proc.pid,
    time: w.proc.machine.wallClock,
    sent: undefined,
    elapsed: 0,
    documentRoot: documentRoot(r),
    client: formatClient(r),
  };
}

function formatClient(r: Request): string {
  return formatInet(r.client.addr);
}
