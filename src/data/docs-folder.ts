import { dirname, join } from 'node:path'

/** Written documentation lies beside the runbooks. A folder called `docs` that holds the runbooks themselves is none. */
export function docsFolder(content: string): string | undefined {
  const folder = join(dirname(content), 'docs')
  return folder === content ? undefined : folder
}
