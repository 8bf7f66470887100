/** What each kind of failure is introduced by. libvirt src/util/virerror.c, virErrorMsgStrings */
const INTRODUCTIONS = {
  internal: 'internal error: %s',
  'no-support': 'this function is not supported by the connection driver: %s',
  'invalid-arg': 'invalid argument: %s',
  'operation-failed': 'operation failed: %s',
  'no-domain': 'Domain not found: %s',
  'operation-denied': 'operation forbidden: %s',
  'operation-invalid': 'Requested operation is not valid: %s',
  'operation-unsupported': 'Operation not supported: %s',
  'no-network': 'Network not found: %s',
  'network-exist': 'network %s exists already',
  'system-error': '%s',
  'xml-error': 'XML error: %s',
  xml: '%s',
  'config-unsupported': 'unsupported configuration: %s',
  'no-nwfilter': 'Network filter not found: %s',
  'no-network-port': 'network port not found: %s',
  'no-network-metadata': 'metadata not found: %s',
  'argument-unsupported': 'argument unsupported: %s',
  'invalid-mac': 'invalid MAC address: %s',
  'xml-detail': '%s',
  'no-connect': 'no connection driver available for %s',
  'agent-unresponsive': 'Guest agent is not responding: %s',
  plain: '%s',
} as const;

/** The kind of a libvirt failure. virErrorNumber */
export type LibvirtErrorKind = keyof typeof INTRODUCTIONS;

/** A failure as libvirt reports it; its message is what virsh prints after `error: `. virError */
export class LibvirtError extends Error {
  readonly kind: LibvirtErrorKind;

  /** @param detail what goes into the kind's sentence */
  constructor(kind: LibvirtErrorKind, detail: string) {
    super(INTRODUCTIONS[kind].replace('%s', () => detail));
    this.kind = kind;
  }
}
