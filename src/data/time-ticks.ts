const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000] as const

/** Steps of an axis of time that people read at a glance, in milliseconds. */
const steps = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 5, 10, 20, 30, 60, 90, 180, 365].map((count) => count * day),
]

/** Whole seconds, minutes, hours or days from 0 to at most `highest` milliseconds: at most five of them. */
export function timeTicks(highest: number): number[] {
  const step = steps.find((one) => highest / one < 5) ?? highest
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, at) => at * step)
}
