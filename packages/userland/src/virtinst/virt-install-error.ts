/** What ends virt-install with `ERROR` and 1. virtinst/cli.py, fail() */
export class VirtInstallError extends Error {
  override readonly name = 'VirtInstallError';
}

/** What argparse complains of: printed under the usage line, with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
