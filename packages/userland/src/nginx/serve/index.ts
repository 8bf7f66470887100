export { Connection } from './connection.ts';
export { accessLogs, errorLog, errorTime, LogFiles } from './logs.ts';
export { NGINX_VERSION } from './variables.ts';
export type { WorkerContext } from './worker-context.ts';
