/** The day of the last review, as handbooks name it. */
const day = /^(?:last_?review(?:ed)?(?:_?(?:on|date))?|reviewed_?on|review_?date)(?=\s*:)/im
/** How long a review holds: `6 months`. */
const term = /^review_?(?:in|every|period)\s*:\s*["']?(\d+)\s*(day|week|month|year)s?["']?\s*$/im

const days = { day: 1, week: 7, month: 30, year: 365 }

/** A frontmatter with the fields of other handbooks about reviews under the names that runbooks have for them. */
export function withReviewFields(yaml: string): string {
  const dated = /^reviewed\s*:/m.test(yaml) ? yaml : yaml.replace(day, 'reviewed')
  if (/^reviewEvery\s*:/m.test(dated)) return dated
  return dated.replace(
    term,
    (_, count: string, unit: string) =>
      `reviewEvery: ${Number(count) * days[unit.toLowerCase() as keyof typeof days]}d`,
  )
}
