/** The exit codes; closed, and printed by --help. A step's own exit code is in the journal. */
export const exit = {
  done: 0,
  failed: 1,
  usage: 2,
  invalid: 3,
  decided: 4,
  waiting: 5,
  rollbackFailed: 6,
  notEnded: 7,
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const
