import { parse } from 'yaml'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import { splitFrontmatter } from '../model/text/frontmatter.ts'

/** The `status` a postmortem gives itself; a problem when its frontmatter cannot be read. */
export function statusIn(text: string): Outcome<unknown> {
  try {
    const meta = parse(splitFrontmatter(text).yaml ?? '') as { status?: unknown } | null
    return success(meta?.status)
  } catch (error) {
    return failure((error as Error).message.split('\n')[0]?.replace(/:$/, '') ?? '')
  }
}
