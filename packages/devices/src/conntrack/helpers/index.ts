export { FtpHelper } from './ftp.ts';
export type { Helper } from './helper.ts';
export { TftpHelper } from './tftp.ts';
