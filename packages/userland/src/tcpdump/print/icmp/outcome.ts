/** How a message's details went: its length may follow, or it ended too early, or nothing is to be added. */
export type Outcome = 'whole' | 'cut' | 'done';
