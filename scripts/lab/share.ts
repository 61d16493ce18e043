/** Accepts a share of its calls, evenly spread rather than by chance: at 0.05 exactly every twentieth. */
export function share(): (rate: number) => boolean {
  let owed = 0
  return (rate) => {
    owed += rate
    if (owed < 1 - 1e-9) return false
    owed -= 1
    return true
  }
}
