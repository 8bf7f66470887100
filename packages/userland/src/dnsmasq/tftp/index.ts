export { TftpService } from './tftp-service.ts';
