import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Impact } from '../../runner/status/incident-file.ts'
import { parseSeverities } from '../../runner/status/severities.ts'
import { remember } from './remember.ts'
import { siteConfig } from './runbooks/runbook-pages.ts'

/** The impact of each severity of the workspace. A file that cannot be read stops the build and is named. */
export const declaredImpacts = remember(async (): Promise<ReadonlyMap<string, Impact>> => {
  const file = join(dirname((await siteConfig()).content), 'severities.yaml')
  return new Map(
    existsSync(file) ? parseSeverities(file).severities.map(({ id, impact }) => [id, impact]) : [],
  )
})
