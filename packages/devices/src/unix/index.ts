export { formatUnixName, UNIX_PATH_MAX, type UnixName } from './unix-address.ts';
export { joinUnix, type UnixReceived, UnixSocket, type UnixType } from './unix-socket.ts';
export { UnixTable } from './unix-table.ts';
