export { ntpPrint } from './ntp.ts';
export { respPrint } from './resp.ts';
export { sshPrint } from './ssh.ts';
export { syslogPrint } from './syslog.ts';
export { textProtocol } from './text-protocol.ts';
export { tftpPrint } from './tftp.ts';
