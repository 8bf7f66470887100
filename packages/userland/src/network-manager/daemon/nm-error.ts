/** What the daemon answers in place of a result; nmcli's exit status follows from the kind. */
export class NmError extends Error {
  readonly kind: 'activation' | 'settings' | 'device';

  constructor(kind: NmError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
