/** Longest delay the platform takes, in milliseconds: a timer set for longer fires at once. */
export const longestTimerMs = 2 ** 31 - 1

/** Milliseconds of a clock that never goes back. Node loads its tools of measurement where `performance` is named first. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1_000_000
}

/** Acts once after so many milliseconds, however many; the returned function calls it off. */
export function after(ms: number, act: () => void): () => void {
  const arm = (left: number): NodeJS.Timeout =>
    left > longestTimerMs
      ? setTimeout(() => (timer = arm(left - longestTimerMs)), longestTimerMs)
      : setTimeout(act, left)
  let timer = arm(ms)
  return () => clearTimeout(timer)
}
