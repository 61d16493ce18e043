import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { requirementsSchema } from './model/requirements-schema.ts'
import type { Requirements } from './model/requirements-schema.ts'
import { checked } from './status/checked.ts'
import { textOf } from './regular-file.ts'

/** The requirements beside the folder of the runbooks; undefined where there is no list. @throws {ProblemError} */
export function readRequirements(content: string): Requirements | undefined {
  const file = join(dirname(content), 'requirements.yaml')
  return existsSync(file) ? checked(requirementsSchema, textOf(file), file).requirements : undefined
}
