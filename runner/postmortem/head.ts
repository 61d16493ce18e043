import { isRecord } from '../model/values/json.ts'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import { splitFrontmatter } from '../model/text/frontmatter.ts'
import { parseYaml } from '../model/text/yaml.ts'

/** The fields of a postmortem that tell its state; a missing one is empty text. */
export interface PostmortemHead {
  status: string
  author: string
  reviewedBy: string
}

/** The frontmatter of a postmortem; a problem when it cannot be read. */
export function headOf(text: string): Outcome<PostmortemHead> {
  try {
    const meta: unknown = parseYaml(splitFrontmatter(text).yaml ?? '')
    const field = (name: string): string => {
      const value = isRecord(meta) ? meta[name] : undefined
      return typeof value === 'string' ? value.trim() : ''
    }
    return success({
      status: field('status'),
      author: field('author'),
      reviewedBy: field('reviewedBy'),
    })
  } catch (error) {
    return failure((error as Error).message.split('\n')[0]?.replace(/:$/, '') ?? '')
  }
}
