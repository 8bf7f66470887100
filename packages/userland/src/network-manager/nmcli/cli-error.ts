/** What ends nmcli: a message behind `Error: ` and an exit status. */
export class NmcliError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Exit statuses. nmcli(1) */
export const Exit = {
  unknown: 1,
  userInput: 2,
  timeout: 3,
  activation: 4,
  deactivation: 5,
  disconnect: 6,
  deletion: 7,
  notRunning: 8,
  notFound: 10,
} as const;
