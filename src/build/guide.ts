import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../runner/config.ts'

/**
 * The folder of the guide that the package of the pages brings, in `own`, unless a workspace does without it. In its own repository the
 * guide is the documentation itself.
 */
export function guideOf({ guide }: Pick<Config, 'guide'>, own: string): { guide?: string } {
  const folder = join(own, 'guide')
  return guide && existsSync(folder) ? { guide: folder } : {}
}
