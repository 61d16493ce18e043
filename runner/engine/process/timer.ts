/** Longest delay the platform takes, in milliseconds: a timer set for longer fires at once. */
export const longestTimerMs = 2 ** 31 - 1

/** Acts once after so many milliseconds, however many; the returned function calls it off. */
export function after(ms: number, act: () => void): () => void {
  const end = performance.now() + ms
  const arm = (left: number): NodeJS.Timeout =>
    left > longestTimerMs
      ? setTimeout(() => (timer = arm(end - performance.now())), longestTimerMs)
      : setTimeout(act, left)
  let timer = arm(ms)
  return () => clearTimeout(timer)
}
