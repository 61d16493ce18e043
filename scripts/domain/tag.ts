import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'

/** A release tag, read. */
export interface ReleaseTag {
  tag: string
  /** Without the leading v. */
  version: string
  /** The part of the product it releases; undefined for all of it. */
  component: string | undefined
}

const NUMBER = '(?:0|[1-9]\\d*)'
const FORM = new RegExp(
  `^v(${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(?:alpha|beta|rc)\\.${NUMBER})?)(?:-([a-z][a-z0-9]*(?:-[a-z0-9]+)*))?$`,
)

/** Whether a name has the form of a release tag. */
export function isTag(name: string): boolean {
  return FORM.test(name)
}

/**
 * Reads `v1.4.0`, `v1.4.0-frontend` or `v1.4.0-rc.1-frontend`: `v`, a version, and the component when it is not the
 * whole product. Only alpha, beta and rc are pre-releases; any other word is a component.
 * @throws {CliError} for another form
 */
export function parseTag(tag: string): ReleaseTag {
  const [, version, component] = FORM.exec(tag) ?? []
  if (version !== undefined) return { tag, version, component }
  throw new CliError(
    exit.failed,
    `\`${tag}\` is not a release tag: expected v, a version such as 1.4.0 or 1.4.0-rc.1, and perhaps a component: v1.4.0-frontend`,
    'Delete it, and tag the commit again under the right name.',
  )
}
