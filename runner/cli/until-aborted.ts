/** For a command that goes on until somebody ends it. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolved) => signal.addEventListener('abort', () => resolved(), { once: true }))
}
