const collator = new Intl.Collator('en', { numeric: true })

/** Compares names as people sort them, the same on every machine: `eu-2` is before `eu-10`. */
export function inOrder(a: string, b: string): number {
  return collator.compare(a, b)
}
