/** The values of a pure function, each made once. At `most` values all are forgotten, so that memory stays bounded. */
export function memo<T>(most: number, make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>()
  return (key) => {
    const before = made.get(key)
    if (before !== undefined || made.has(key)) return before as T
    if (made.size >= most) made.clear()
    const value = make(key)
    made.set(key, value)
    return value
  }
}
