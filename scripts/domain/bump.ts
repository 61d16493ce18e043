/** How two versions differ. `none`: the same; `back`: the second one is older. */
export type Bump = 'major' | 'minor' | 'patch' | 'prerelease' | 'none' | 'back'

const FORM = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/

/**
 * Names the step from one version to the next by its first number that differs; a suffix such as `-newidea` counts only
 * when the numbers are the same. Undefined when one of them is not a version.
 */
export function bumpOf(from: string, to: string): Bump | undefined {
  const [before, after] = [FORM.exec(from), FORM.exec(to)]
  if (before === null || after === null) return undefined
  for (const [index, name] of (['major', 'minor', 'patch'] as const).entries()) {
    const difference = Number(after[index + 1]) - Number(before[index + 1])
    if (difference !== 0) return difference > 0 ? name : 'back'
  }
  const [suffix, next] = [before[4], after[4]]
  if (suffix === next) return 'none'
  if (next === undefined) return 'patch'
  return suffix === undefined ? 'back' : 'prerelease'
}
