import { parse } from 'yaml'
import { isRecord } from '../model/values/json.ts'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import { splitFrontmatter } from '../model/text/frontmatter.ts'

/** What a postmortem says of itself; empty text where it says nothing. */
export interface PostmortemHead {
  status: string
  author: string
  reviewedBy: string
}

/** The frontmatter of a postmortem; a problem when it cannot be read. */
export function headOf(text: string): Outcome<PostmortemHead> {
  try {
    const meta: unknown = parse(splitFrontmatter(text).yaml ?? '')
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
