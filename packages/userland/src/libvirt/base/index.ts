export { LibvirtError, type LibvirtErrorKind } from './libvirt-error.ts';
export {
  CONFIG_DIR,
  LIB_DIR,
  LIBVIRT_VERSION,
  PACKAGE_VERSION,
  READ_ONLY_SOCKET,
  RUN_DIR,
  SOCKET,
} from './paths.ts';
export { type CommandResult, runCommand } from './run-command.ts';
export { saveXml } from './saved-file.ts';
export { generateUuid, parseUuid } from './uuid.ts';
