/** A promise that rejects when the other one takes longer than `limitMs` milliseconds. */
export async function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${limitMs} ms`)), limitMs)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
