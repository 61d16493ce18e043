/** How long a test waits for something to show, in milliseconds: a machine that others use as well may take ten times as long. */
export const patienceMs = 120_000
