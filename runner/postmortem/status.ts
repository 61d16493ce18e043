import { parse } from 'yaml'
import { splitFrontmatter } from '../model/text/frontmatter.ts'

/** The `status` a postmortem gives itself, or why its frontmatter cannot be read. */
export function statusIn(text: string): { status: unknown } | { problem: string } {
  try {
    const meta = parse(splitFrontmatter(text).yaml ?? '') as { status?: unknown } | null
    return { status: meta?.status }
  } catch (error) {
    return { problem: (error as Error).message.split('\n')[0]?.replace(/:$/, '') ?? '' }
  }
}
