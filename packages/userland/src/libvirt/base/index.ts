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
export { generateUuid, parseUuid } from './uuid.ts';
